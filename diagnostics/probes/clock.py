"""This machine's clock against those of every host that told its time."""

from __future__ import annotations

import time
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from wizard.errors import AuthwizardError
from wizard.exchange import Exchange, Headers

from ..engine import Context, Probe
from ..facts import CLOCKS_AGREE, Clock, Named, ResourceMetadata, Secured, Situation
from ..facts.oauth import Issuers
from ..facts.wire import Differential
from ..nearness import depth_of, nearer
from ..words import dated

_MOST: Final = 2
"""Hosts that are asked for their time alone."""
_PATIENCE: Final = 5.0


async def clock(
    context: Context,
    situation: Situation,
    *,
    differential: Differential | None,
    secured: Secured | None,
    metadata: ResourceMetadata | None,
    issuers: Issuers | None,  # noqa: ARG001  # what they answered is read below
    named: Named | None,
) -> Clock:
    """The server's `Date`, which has whole seconds; this machine's time where there is none. The `Date` of every other
    host that answered; where the server's is far off and nobody else told the time, the authorization servers that the
    server names are asked, without a credential."""
    now = time.time()
    answers = (differential.none, differential.false, differential.real) if differential else ()
    date = next((a.date for a in answers if a is not None and a.date is not None), None)
    if date is None and secured is not None and secured.ahead is not None:
        date = now - secured.ahead
    if date is None:
        return Clock(now)
    own = urlsplit(situation.url).netloc.lower()
    others = _others(context.transport.exchanges, own)
    if not others and abs(now - date) > CLOCKS_AGREE and metadata is not None:
        await _ask(context, situation, metadata.authorization_servers, named)
        others = _others(context.transport.exchanges, own)
    # A server whose clock is days off is no better judge than this machine.
    return Clock(date, now - date, others)


def _others(exchanges: tuple[Exchange, ...], own: str) -> tuple[tuple[str, float], ...]:
    """How far this machine's clock is ahead of each other host's: the middle of what its answers say."""
    found: dict[str, list[float]] = {}
    for exchange in exchanges:
        host = urlsplit(exchange.url).netloc.lower()
        date = dated(Headers(exchange.response_headers))
        if host != own and date is not None and exchange.at:
            found.setdefault(host, []).append(exchange.at - date)
    return tuple((host, median(each)) for host, each in found.items())


async def _ask(context: Context, situation: Situation, named: tuple[str, ...], at: Named | None) -> None:
    depth = depth_of(situation.url, at)
    for url in named[:_MOST]:
        try:
            if not await nearer(url, depth):
                await context.transport.send("GET", url, timeout=_PATIENCE)
        except (AuthwizardError, ValueError):
            continue


PROBE = Probe("clock", "the clocks", Clock, clock)
