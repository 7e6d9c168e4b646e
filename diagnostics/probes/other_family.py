"""Whether a server of this machine listens at its other loopback address."""

from __future__ import annotations

import ipaddress
from typing import Final

from wizard.urls import is_loopback

from .. import net
from ..engine import Probe, Skip
from ..facts import Named, Reached, Situation
from ..facts.way import OtherFamily

_BOTH: Final = ("127.0.0.1", "::1")


async def other_family(situation: Situation, named: Named, reached: Reached) -> OtherFamily | Skip:
    """Asked only where the connection to this very machine was refused."""
    if reached.error != "refused" or not is_loopback(situation.url):
        return Skip("the connection to this machine is not refused")
    tried = {ipaddress.ip_address(a).version for a in named.addresses}
    other = next((a for a in _BOTH if ipaddress.ip_address(a).version not in tried), None)
    if other is None:
        return Skip("both loopback addresses refuse it")
    found = await net.connect(other, situation.port)
    return OtherFamily(other, found.error)


PROBE = Probe("other-family", "this machine's other address", OtherFamily, other_family)
