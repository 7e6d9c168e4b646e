"""Layer dns: the host's name."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts import Named
from ..way_facts import Way
from ..wire_facts import Differential
from .book import Verdict, cause, likely, proven

_OFFLINE: Final = (
    "Check that this machine is on a network: another address in a browser tells.",
    "Join the VPN that the name belongs to.",
    "Ask the network's admin whether its name servers answer.",
)


@cause(
    id="dns-name-unresolvable-or-split-horizon",
    layer="dns",
    owner="you",
    title="The host's name has no address here.",
    explanation="The name service of this machine does not know the name: it is misspelt, or known only inside a"
    " VPN or a cluster.",
    fix=(
        "Check the spelling of the host in the address.",
        "Join the VPN that the name belongs to.",
        "Ask the network's admin: which name service knows this host, and from where?",
    ),
    sources=(
        "https://github.com/panva/openid-client/issues/38",
        "https://github.com/wanaku-ai/wanaku/issues/1416",
        "https://github.com/keycloak/keycloak/issues/27660",
    ),
)
def unresolvable(named: Named, differential: Differential | None, way: Way | None) -> Verdict | None:
    """No address, and no answer by any other way."""
    if not named.error or (differential and differential.answered) or (way and not way.closed):
        return None
    seen = Evidence("dns", f"{named.host}: {named.error.replace('-', ' ')}")
    if named.error == "unknown-name":
        return proven(seen, title=f"The name {named.host} has no address here.")
    return likely(seen, title=f"No name server tells the address of {named.host} in time.", fix=_OFFLINE)
