"""Whether something listens."""

from __future__ import annotations

from .. import net
from ..engine import Probe, Skip
from ..facts import Named, Reached, Situation


async def tcp(situation: Situation, named: Named) -> Reached | Skip:
    """Open a connection and close it."""
    if named.error:
        return Skip("the name has no address")
    found = await net.connect(situation.host, situation.port)
    return Reached(situation.host, situation.port, found.address, found.error, found.seconds)


PROBE = Probe("tcp", "the port", Reached, tcp)
