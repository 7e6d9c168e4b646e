"""The certificate."""

from __future__ import annotations

from functools import partial
from typing import Final

from wizard.proxies import proxy_of

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Reached, Secured, Situation
from ..facts.way import Way
from ..proxied import tunnel

_PATIENCE: Final = 10.0


async def tls(
    situation: Situation, reached: Reached | None, way: Way | None, context: Context
) -> Secured | Skip:
    """A handshake with the trust that requests have, by the way that they take."""
    if not situation.secure:
        return Skip("the address is plain http")
    proxy = proxy_of(situation.url)
    opened = None
    if proxy is not None and not proxy.bypass:
        if way is None or way.closed:
            return Skip("the proxy does not let it through")
        opened = partial(tunnel, proxy, situation.host, situation.port)
    elif reached is None or reached.error:
        return Skip("the port was not reached")
    # who speaks plain http may wait for more for ever; there has to be time left to ask that
    patience = min(_PATIENCE, context.transport.timeout / 2)
    found = await net.handshake(situation.host, situation.port, context.transport.ca, patience, opened=opened)
    return Secured.of(situation.host, found)


PROBE = Probe("tls", "the certificate", Secured, tls)
