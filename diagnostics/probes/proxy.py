"""The proxy that the environment names: straight and through it, with its user and as a stranger."""

from __future__ import annotations

import asyncio
import secrets

from wizard.proxies import Proxy, no_proxy, proxy_of
from wizard.secret import Secret
from wizard.urls import is_loopback

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..facts.way import Way
from ..proxied import Passed, straight, through


async def way(context: Context, situation: Situation) -> Way | Skip:
    """A connection straight, and a CONNECT (http: a GET) through the proxy; the target's credential stays here."""
    proxy = proxy_of(situation.url) if situation.url else None
    if proxy is None:
        return Skip("the environment names no proxy for this address")
    if proxy.user:
        context.transport.know(proxy.user, Secret(proxy.user.reveal().partition(":")[2]))
    direct, (via, stranger) = await asyncio.gather(
        net.connect(situation.host, situation.port), _through(proxy, situation.url)
    )
    captured = is_loopback(situation.url) and not proxy.bypass and not situation.secure and not direct.error
    return Way(
        proxy=proxy.url,
        variable=proxy.variable,
        no_proxy=no_proxy(),
        bypass=proxy.bypass,
        has_user=proxy.user is not None,
        direct=direct.error,
        via=via,
        stranger=stranger,
        problem=proxy.problem,
        straight=await straight(situation.url) if captured else None,
    )


async def _through(proxy: Proxy, url: str) -> tuple[Passed, Passed | None]:
    if proxy.problem:
        return Passed(None, "unusable"), None
    via = await through(proxy, url, proxy.user)
    if via.status != 401 or via.tunnel or proxy.user is None:
        return via, None
    # A made-up name, so that no account is locked by a wrong password.
    nobody = Secret(f"authwizard-{secrets.token_hex(4)}:{secrets.token_urlsafe(12)}")
    return via, await through(proxy, url, nobody)


PROBE = Probe("proxy", "straight, and through the proxy", Way, way)
