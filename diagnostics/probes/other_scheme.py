"""Where the address's scheme gets no sensible answer: whether the port speaks the other one."""

from __future__ import annotations

from functools import partial
from typing import Final

from wizard.errors import UsageError
from wizard.proxies import proxy_of

from .. import net
from ..asking import ask
from ..engine import Context, Probe, Skip
from ..facts import Reached, Secured, Situation
from ..facts.way import OtherScheme
from ..facts.wire import Differential
from ..proxied import tunnel

_NO_TLS: Final = frozenset({"not-tls", "closed", "timeout"})
"""How a handshake ends where nobody speaks TLS: answered in other words, hung up on, or waited out."""
_GREETING: Final = 0.8
"""Seconds, beside several times the way there and back."""


async def other_scheme(
    context: Context,
    situation: Situation,
    differential: Differential | None,
    secured: Secured | None,
    reached: Reached | None,
) -> OtherScheme | Skip:
    """A handshake where http was asked; a GET of the root, without a credential, where https was."""
    if situation.secure:
        if secured is None:
            return Skip("the port was not reached")
        if secured.error not in _NO_TLS:
            return Skip("the port speaks TLS")
        answer = await ask(context.transport, "GET", f"http://{_host(situation)}:{situation.port}/")
        # who speaks TLS, and is in trouble with it, may say so to plain http by a 400
        plain = answer.status is not None and (secured.error == "not-tls" or answer.status != 400)
        return OtherScheme("http" if plain else "", answer.seen())
    judged = differential.judged if differential else None
    odd = judged is not None and (
        judged.error == "connection-closed" or (judged.status == 400 and not judged.rpc)
    )
    if judged is None or not odd:
        return Skip("the answer is not that of another scheme")
    proxy = proxy_of(situation.url)
    opened = partial(tunnel, proxy, situation.host, situation.port) if proxy and not proxy.bypass else None
    # What speaks plain http may wait for ever for the rest of a request; TLS answers a greeting at once.
    patience = _GREETING + 6 * (reached.seconds if reached else 0.0)
    try:
        met = await net.handshake(
            situation.host, situation.port, context.transport.ca, patience, opened=opened
        )
    except UsageError as error:
        return Skip(error.title.rstrip("."))
    speaks = not met.error or met.error in ("verify", "client-certificate")
    return OtherScheme("https" if speaks else "", met.version or met.error)


def _host(situation: Situation) -> str:
    return f"[{situation.host}]" if ":" in situation.host else situation.host


PROBE = Probe("scheme", "http or https", OtherScheme, other_scheme)
