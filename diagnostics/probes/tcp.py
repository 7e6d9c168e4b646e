"""Whether something listens."""

from __future__ import annotations

from typing import Final

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Named, Reached, Situation

_PATIENCE: Final = 5.0
"""Seconds in which a connection is there, where no less is given."""


async def tcp(context: Context, situation: Situation, named: Named) -> Reached | Skip:
    """Open a connection and close it."""
    if named.error:
        return Skip("the name has no address")
    found = await net.connect(situation.host, situation.port, min(_PATIENCE, context.transport.timeout))
    return Reached(situation.host, situation.port, found.address, found.error, found.seconds)


PROBE = Probe("tcp", "the port", Reached, tcp)
