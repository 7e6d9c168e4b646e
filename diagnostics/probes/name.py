"""The name service."""

from __future__ import annotations

from typing import Final

from .. import net
from ..engine import Context, Probe, Skip
from ..facts import Named, Situation

_PATIENCE: Final = 5.0
"""Seconds in which a name service answers, where no less is given."""


async def name(context: Context, situation: Situation) -> Named | Skip:
    """The addresses of the host."""
    if not situation.host:
        return Skip("no address is known")
    if situation.proxy:
        return Skip(f"the proxy {situation.proxy} looks the name up")
    found = await net.resolve(situation.host, situation.port, min(_PATIENCE, context.transport.timeout))
    return Named(situation.host, found.addresses, found.error)


PROBE = Probe("dns", "the host's name", Named, name)
