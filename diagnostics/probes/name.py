"""The name service."""

from __future__ import annotations

from .. import net
from ..engine import Probe, Skip
from ..facts import Named, Situation


async def name(situation: Situation) -> Named | Skip:
    """The addresses of the host."""
    if not situation.host:
        return Skip("no address is known")
    if situation.proxy:
        return Skip(f"the proxy {situation.proxy} looks the name up")
    found = await net.resolve(situation.host, situation.port)
    return Named(situation.host, found.addresses, found.error)


PROBE = Probe("dns", "the host's name", Named, name)
