"""Layer tcp: the port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wizard.livetest import Evidence
from wizard.urls import is_loopback

from ..facts import Named, Reached, Situation
from ..facts.login import LoginTold
from ..facts.way import HostLeg, HostLegs, OtherFamily, OtherScheme, Way
from ..facts.wire import Differential, Request
from .book import Verdict, cause, proven
from .other_hosts import of_leg

_PRACTICE: Final = (
    "Start the practice services: authwizard --practice, or authwizard sandbox.",
    "Their addresses and credentials are new at each start: set the connection up anew, and remove this one"
    " (authwizard connections remove NAME).",
)

_LOCAL: Final = (
    "It is a process of this machine. See which one listens there: ss -ltnp 'sport = :{port}' (Linux), or"
    " lsof -nP -iTCP:{port} -sTCP:LISTEN (macOS).",
    "Look at its log and start it anew: it hangs, is paused (Ctrl+Z, a debugger), or waits for something itself.",
    "If that is another program than you meant, correct the port in the address. If it is only slow: --timeout 60",
)
_SILENT: Final = (
    "Try again with more time, if it may be only slow: --timeout 60",
    'To the server\'s admin: "The connection is taken, and a request gets no answer. Does the service run?"',
)
_LEG: Final = (
    "Start what should listen at {host}, port {port}, or join the network that it belongs to.",
    "To the server's admin: \"The metadata names {url} as {leg}, and there is no connection to it. Is the"
    ' address right?"',
)


@cause(
    id="localhost-ipv6-ipv4-mismatch",
    layer="tcp",
    owner="you",
    title="The server listens at this machine's other loopback address.",
    explanation="This machine has two loopback addresses, 127.0.0.1 (IPv4) and ::1 (IPv6), and the name localhost may"
    " lead to either. A server that listens at one of them refuses who comes to the other: a login's callback just"
    " as an MCP server.",
    fix=(
        "Use the loopback address at which it listens.",
        "Or let the server listen at both (for many: the host localhost, or ::).",
    ),
    sources=(
        "https://github.com/anomalyco/opencode/issues/31824",
        "https://github.com/anomalyco/opencode/issues/30013",
        "https://github.com/punkpeye/mcp-remote/pull/259",
        "https://github.com/MikkoParkkola/mcp-gateway/issues/144",
        "RFC 8252 section 7.3",
    ),
    explains=("connection-refused",),
)
def other_family(situation: Situation, reached: Reached, named: Named, other: OtherFamily) -> Verdict | None:
    """Refused at every address that the host leads to, and taken at the other one."""
    if other.error or reached.error != "refused":
        return None
    refused = ", ".join(named.addresses)
    open_at = f"[{other.address}]" if ":" in other.address else other.address
    return proven(
        Evidence("tcp", f"{refused}, port {reached.port}: connection refused"),
        Evidence("other-family", f"{other.address}, port {reached.port}: a connection can be made"),
        title=f"Something listens at {open_at}:{reached.port}, and {situation.host} leads to {refused}.",
        fix=(
            f"Use {open_at}:{reached.port} in the address in place of {situation.host}:{reached.port}.",
            f"Or start the server so that it listens at {refused} as well (its option for the host or bind address).",
            "mcp-remote's callback: --host 127.0.0.1. In WSL, bind the IPv4 address.",
        ),
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
    sources=("connect(2), ECONNREFUSED", "https://github.com/keycloak/keycloak/issues/27660"),
    explains=("as-metadata-missing",),
)
def refused(
    situation: Situation,
    reached: Reached | None,
    named: Named | None,
    *,
    differential: Differential | None,
    way: Way | None,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """Refused on every address, and by no proxy reached; or so at another host on which the login depends."""
    answered = (differential and differential.answered) or (way and not way.closed)
    if reached is None or named is None or reached.error != "refused" or answered:
        return of_leg(
            hosts, login, _ends("refused"), "Nothing listens at {host}, port {port}, which is {leg}.", _LEG
        )
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
    explains=("as-metadata-missing",),
)
def timed_out(
    situation: Situation,
    reached: Reached | None,
    differential: Differential | None,
    way: Way | None,
    *,
    request: Request | None,
    other: OtherScheme | None,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """No connection in time; or a connection, and no answer whatever the credential, nor to the other scheme."""
    if hosts is not None:
        return of_leg(
            hosts, login, _ends("timeout"), "{host}, which is {leg}, cannot be reached in time.", _LEG
        )
    if reached is None:
        return None
    where = f"{reached.host}, port {reached.port}"
    here = is_loopback(situation.url)
    if reached.error == "timeout" and way and not way.closed:
        return None
    if reached.error == "timeout":
        return proven(
            Evidence("tcp", f"{where}: no connection {_within(reached.seconds)}"),
            owner="you" if here else "",
            title=f"{where} cannot be reached in time.",
            fix=_local(reached.port) if here else (),
        )
    if other is not None and other.speaks:
        return None
    asked = (differential.none, differential.false, differential.judged) if differential else ()
    if asked and all(answer.error == "timeout" for answer in asked):
        seen = Evidence("tcp", f"{where}: connected")
        first = (request.first, request.without) if request else ()
        waited = _within(max(answer.waited for answer in (*asked, *filter(None, first))))
        both = "with and without a credential" if situation.has_credential else "whatever is asked"
        return proven(
            seen,
            Evidence("differential", f"no answer {waited}, {both}"),
            owner="you" if here else "server-admin",
            title=f"{where} takes the connection and gives no answer {waited}.",
            fix=_local(reached.port) if here else _SILENT,
        )
    return None


def _within(seconds: float) -> str:
    return f"within {seconds:.0f} s" if seconds >= 1 else "in time"


def _local(port: int) -> tuple[str, ...]:
    return tuple(step.format(port=port) for step in _LOCAL)


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
    explains=("as-metadata-missing",),
)
def unreachable(
    reached: Reached | None,
    differential: Differential | None,
    way: Way | None,
    *,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """No route, and no answer by any other way; or none to another host on which the login depends."""
    answered = (differential and differential.answered) or (way and not way.closed)
    if reached is None or reached.error != "unreachable" or answered:
        return of_leg(
            hosts,
            login,
            _ends("unreachable"),
            "There is no way from this machine to {host}, which is {leg}.",
            _LEG,
        )
    where = f"{reached.host}, port {reached.port}"
    return proven(
        Evidence("tcp", f"{where}: no route from this machine"),
        title=f"There is no way from this machine to {where}.",
    )


def _ends(error: str) -> Callable[[HostLeg], bool]:
    return lambda leg: leg.reached is not None and leg.reached.error == error
