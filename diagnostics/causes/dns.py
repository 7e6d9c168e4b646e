"""Layer dns: the host's name."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts import Named
from ..facts.login import LoginTold
from ..facts.way import HostLegs, Way
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven
from .other_hosts import of_leg

_OFFLINE: Final = (
    "Check that this machine is on a network: another address in a browser tells.",
    "Join the VPN that the name belongs to.",
    "Ask the network's admin whether its name servers answer.",
)

_SPLIT: Final = (
    "Join the VPN, or use the name service, that knows {host}.",
    "To the server's admin: \"The metadata names {url} as {leg}; its name has no address outside of your network."
    ' Please publish the name that clients can reach."',
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
    explains=("as-metadata-missing",),
)
def unresolvable(
    named: Named | None,
    differential: Differential | None,
    way: Way | None,
    *,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """No address, and no answer by any other way; or none of another host on which the login depends."""
    if (
        named is None
        or not named.error
        or (differential and differential.answered)
        or (way and not way.closed)
    ):
        return of_leg(
            hosts,
            login,
            lambda leg: leg.named is not None and leg.named.error == "unknown-name",
            "The name {host} of {leg} has no address here.",
            _SPLIT,
        )
    seen = Evidence("dns", f"{named.host}: {named.error.replace('-', ' ')}")
    if named.error == "unknown-name":
        return proven(seen, title=f"The name {named.host} has no address here.")
    return likely(seen, title=f"No name server tells the address of {named.host} in time.", fix=_OFFLINE)
