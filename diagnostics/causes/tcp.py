"""Layer tcp: the port."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts import Named, Reached, Situation
from ..way_facts import OtherScheme, Way
from ..wire_facts import Differential
from .book import Verdict, cause, proven

_PRACTICE: Final = (
    "Start the practice services: authwizard --practice, or authwizard sandbox.",
    "Their addresses and credentials are new at each start: set the connection up anew, and remove this one"
    " (authwizard connections remove NAME).",
)


@cause(
    id="connection-refused",
    layer="tcp",
    owner="you",
    title="Nothing listens at that address and port.",
    explanation="The host is there and refuses the connection: the service is not running, or listens on another"
    " port.",
    fix=(
        "Start the service, or correct the port in the address.",
        "Inside a container localhost is the container itself, not your machine.",
    ),
    sources=("connect(2), ECONNREFUSED",),
)
def refused(
    situation: Situation, reached: Reached, named: Named, differential: Differential | None, way: Way | None
) -> Verdict | None:
    """Refused on every address, and by no proxy reached."""
    if reached.error != "refused" or (differential and differential.answered) or (way and not way.closed):
        return None
    where = f"{reached.host}, port {reached.port}"
    return proven(
        Evidence("tcp", f"{where}: connection refused ({', '.join(named.addresses)})"),
        title=f"The practice service at {where} is not running."
        if situation.practice
        else f"Nothing listens at {where}.",
        fix=_PRACTICE if situation.practice else (),
    )


@cause(
    id="connection-timed-out",
    layer="tcp",
    owner="network-admin",
    title="The connection, or the answer, never comes.",
    explanation="Packets are dropped on the way (a firewall, a VPN that is not joined), or the server took the"
    " request and does not answer it.",
    fix=(
        "Join the VPN if the service is your company's, and try again.",
        "To the network's or the server's admin: \"A request gets no answer. Is it let through, and does it run?\"",
    ),
    sources=("connect(2), ETIMEDOUT", "RFC 9110 section 9.2.2"),
)
def timed_out(
    reached: Reached, differential: Differential | None, way: Way | None, other: OtherScheme | None
) -> Verdict | None:
    """No connection in time; or a connection, and no answer whatever the credential, nor to the other scheme."""
    where = f"{reached.host}, port {reached.port}"
    if reached.error == "timeout" and way and not way.closed:
        return None
    if reached.error == "timeout":
        return proven(
            Evidence("tcp", f"{where}: no connection in time"), title=f"{where} cannot be reached in time."
        )
    if other is not None and other.speaks:
        return None
    asked = (differential.none, differential.false, differential.judged) if differential else ()
    if asked and all(answer.error == "timeout" for answer in asked):
        seen = Evidence("tcp", f"{where}: connected")
        silent = Evidence("differential", "no answer in time, with and without a credential")
        return proven(
            seen, silent, owner="server-admin", title=f"{where} takes the connection and never answers."
        )
    return None


@cause(
    id="network-unreachable",
    layer="tcp",
    owner="you",
    title="There is no way from this machine to the host.",
    explanation="This machine knows no route to the address: it is on no network, or the address lies in one that it"
    " is not joined to (a VPN, a company's, a container's).",
    fix=(
        "Check that this machine is on a network: another address in a browser tells.",
        "Join the VPN or network that the address belongs to.",
        "Inside a container: see whether it has a network at all.",
    ),
    sources=("connect(2), ENETUNREACH and EHOSTUNREACH",),
)
def unreachable(reached: Reached, differential: Differential | None, way: Way | None) -> Verdict | None:
    """No route, and no answer by any other way."""
    if reached.error != "unreachable" or (differential and differential.answered) or (way and not way.closed):
        return None
    where = f"{reached.host}, port {reached.port}"
    return proven(
        Evidence("tcp", f"{where}: no route from this machine"),
        title=f"There is no way from this machine to {where}.",
    )
