"""The certificate."""

from __future__ import annotations

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Reached, Secured, Situation


async def tls(situation: Situation, reached: Reached, context: Context) -> Secured | Skip:
    """A handshake with the trust that requests have."""
    if not situation.secure:
        return Skip("the address is plain http")
    if reached.error:
        return Skip("the port was not reached")
    found = await net.handshake(situation.host, situation.port, context.transport.ca)
    return Secured(
        situation.host,
        found.version,
        found.not_after,
        found.names,
        found.issuer,
        found.verify_code,
        found.error,
        found.reason,
    )


PROBE = Probe("tls", "the certificate", Secured, tls)
