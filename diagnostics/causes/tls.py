"""Layer tls: the certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeGuard

from wizard.livetest import Evidence

from ..facts import Clock, Secured
from ..facts.login import LoginTold
from ..facts.tls import CompletedChain
from ..facts.way import HostLeg, HostLegs, TrustSettings
from ..facts.wire import Differential
from ..inspection import vendor_of
from ..words import moment
from .book import Verdict, cause, likely, proven
from .other_hosts import of_leg

_UNKNOWN: Final = (2, 19, 20, 21)
FAR_OFF: Final = 300.0
"""Seconds past which a clock is not merely inexact."""
_PLACES: Final = (
    "authwizard --ca FILE; Node (Claude Code, VS Code, Cursor, mcp-remote) NODE_EXTRA_CA_CERTS=FILE; Python and"
    " OpenSSL SSL_CERT_FILE=FILE (requests: REQUESTS_CA_BUNDLE); curl --cacert FILE."
)


def _letter(secured: Secured, what: str) -> str:
    return f'To the server\'s admin: "The certificate of {secured.host} {what}. Please replace it."'


def _refused(secured: Secured | None, differential: Differential | None, *codes: int) -> TypeGuard[Secured]:
    if secured is None or secured.verify_code not in codes:
        return False
    return not (differential and differential.answered)


def _at(*codes: int) -> Callable[[HostLeg], bool]:
    return lambda leg: leg.secured is not None and leg.secured.verify_code in codes


_LEG: Final = (
    "Check that this machine's date is right.",
    'To the admin of {host}: "Its certificate is refused by every client, so that nobody can log in. Please'
    ' replace it."',
)


@cause(
    id="tls-server-certificate-expired",
    layer="tls",
    owner="server-admin",
    title="The server's certificate has expired.",
    explanation="A certificate is valid until a date; after it no client may trust it.",
    fix=(
        "Check that this machine's date is right.",
        "The server's admin: renew the certificate, reload what serves it, and serve the whole chain.",
    ),
    sources=(
        "https://github.com/AuraFriday/mcp-link/issues/9",
        "https://github.com/AuraFriday/Fusion-360-MCP-Server/issues/6",
        "https://github.com/microsoft/WSL/issues/4149",
    ),
    explains=("as-metadata-missing",),
)
def expired(
    secured: Secured | None,
    differential: Differential | None,
    clock: Clock | None,
    *,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """OpenSSL's verify code 10, and the clock of this machine is not what makes it so."""
    if not _refused(secured, differential, 10):
        return of_leg(hosts, login, _at(10), "The certificate of {host}, which is {leg}, has expired.", _LEG)
    if by_clock(secured, clock):
        return None
    until = _day(secured.not_after)
    what = f"expired on {until}" if until else "has expired"
    return proven(
        Evidence("tls", f"{secured.host}: {secured.reason or 'certificate has expired'}"),
        Evidence("tls", f"valid until {until}" if until else "the date could not be read"),
        *_time(clock),
        title=f"The certificate of {secured.host} {what}.",
        fix=("Check that this machine's date is right.", _letter(secured, what)),
    )


@cause(
    id="tls-certificate-not-yet-valid",
    layer="tls",
    owner="server-admin",
    title="The server's certificate is not valid yet.",
    explanation="A certificate is valid from a date on; before it no client may trust it. Either it was made"
    " for later, or"
    " the clock of who made it was ahead.",
    fix=(
        "Check that this machine's date is right.",
        "The server's admin: serve a certificate whose validity has begun.",
    ),
    sources=("OpenSSL X509_V_ERR_CERT_NOT_YET_VALID", "RFC 5280 section 4.1.2.5"),
    explains=("as-metadata-missing",),
)
def not_yet_valid(
    secured: Secured | None,
    differential: Differential | None,
    clock: Clock | None,
    *,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """OpenSSL's verify code 9, and the clock of this machine is not what makes it so. Without anybody else's time it is
    not certain which of the two is wrong."""
    if not _refused(secured, differential, 9):
        return of_leg(
            hosts, login, _at(9), "The certificate of {host}, which is {leg}, is not valid yet.", _LEG
        )
    if by_clock(secured, clock):
        return None
    since = _day(secured.not_before)
    what = f"is valid only from {since} on" if since else "is not valid yet"
    say = proven if clock is not None and clock.off is not None else likely
    return say(
        Evidence("tls", f"{secured.host}: {secured.reason or 'certificate is not yet valid'}"),
        Evidence("tls", f"valid from {since}" if since else "the date could not be read"),
        *_time(clock),
        title=f"The certificate of {secured.host} {what}.",
        fix=("Check that this machine's date is right.", _letter(secured, what)),
    )


def by_clock(secured: Secured, clock: Clock | None) -> bool:
    """Whether the certificate is valid at the time that others have, and this machine's is far off."""
    if clock is None or clock.off is None or abs(clock.off) <= FAR_OFF:
        return False
    return (secured.not_before or 0) <= clock.right <= (secured.not_after or 0)


def _day(seconds: float | None) -> str:
    return moment(seconds).replace(":00 UTC", " UTC") if seconds else ""


def _time(clock: Clock | None) -> tuple[Evidence, ...]:
    if clock is None:
        return ()
    return (Evidence("clock", f"by this machine's clock it is {moment(clock.local)}; {clock.seen()}"),)


@cause(
    id="tls-hostname-mismatch",
    layer="tls",
    owner="server-admin",
    title="The server's certificate is for another name.",
    explanation="The certificate names the hosts that it is for; the host in the address is not among them.",
    fix=(
        "Use the name that the certificate is for, if that is the same service.",
        "Else the server's admin: serve a certificate that names this host.",
    ),
    sources=("https://github.com/grindsa/acme2certifier/issues/199", "RFC 9525"),
    explains=("as-metadata-missing",),
)
def hostname(
    secured: Secured | None,
    differential: Differential | None,
    *,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """OpenSSL's verify codes 62 (name) and 64 (address)."""
    if not _refused(secured, differential, 62, 64):
        return of_leg(
            hosts, login, _at(62, 64), "The certificate of {host}, which is {leg}, is for another name.", _LEG
        )
    names = ", ".join(secured.names[:5]) or "no host"
    return proven(
        Evidence("tls", f"the certificate is for {names}"),
        Evidence("tls", f"the address asks for {secured.host}"),
        title=f"The certificate is for {names}, not for {secured.host}.",
        fix=(
            f"If the service's name is one of these, use it in the address: {names}.",
            _letter(secured, f"is for {names} and does not name {secured.host}"),
        ),
    )


@cause(
    id="tls-self-signed-server",
    layer="tls",
    owner="server-admin",
    title="The server's certificate is signed by itself.",
    explanation="No authority vouches for it, so nobody can tell it from a false one.",
    fix=(
        "Ask the server's admin for the certificate's fingerprint, compare it, then give the file with --ca FILE.",
        "Never switch the check off.",
    ),
    sources=("OpenSSL X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT",),
    explains=("as-metadata-missing",),
)
def self_signed(
    secured: Secured | None,
    differential: Differential | None,
    trust: TrustSettings | None,
    *,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """OpenSSL's verify code 18: a chain of one, its subject its own issuer."""
    if not _refused(secured, differential, 18):
        title = "The certificate of {host}, which is {leg}, is signed by itself."
        return of_leg(hosts, login, _at(18), title, (f"Compare it with its admin, then trust it: {_PLACES}",))
    return proven(
        Evidence("tls", f"{secured.host}: {secured.reason or 'self-signed certificate'}"),
        Evidence(
            "tls", f"signed by {secured.issuer or 'itself'}, for {', '.join(secured.names[:3]) or 'no host'}"
        ),
        *_told(trust),
        title=f"The certificate of {secured.host} is signed by itself.",
        fix=(
            "Ask the server's admin for the certificate and its fingerprint, and compare them.",
            f"Then trust that one certificate: {_PLACES}",
            *_never(trust),
        ),
    )


@cause(
    id="tls-interception-ca-not-trusted",
    layer="tls",
    owner="network-admin",
    title="The certificate's authority is not trusted here.",
    explanation="A company's own authority, or a proxy that opens TLS on the way, signed the certificate; this"
    " machine, or the client's runtime, does not know it.",
    fix=(
        "Ask the network's admin for the authority's certificate (PEM), and name it: SSL_CERT_FILE, or --ca FILE.",
        "For clients on Node: NODE_EXTRA_CA_CERTS. Never switch the check off.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/55760",
        "https://github.com/anthropics/claude-code/issues/25084",
        "https://github.com/hashicorp/terraform-mcp-server/issues/89",
        "https://github.com/microsoft/vscode/issues/207636",
        "https://github.com/upstash/context7/issues/2271",
    ),
    explains=("as-metadata-missing",),
)
def unknown_authority(
    secured: Secured | None,
    differential: Differential | None,
    trust: TrustSettings | None,
    *,
    chain: CompletedChain | None,
    hosts: HostLegs | None,
    login: LoginTold | None,
) -> Verdict | None:
    """By OpenSSL's codes 2, 19, 20 and 21, and by who signed: a maker of inspection proves it, any other name may
    be the server's own authority or a missing intermediate. Where this machine trusts the maker's authority, a
    client with a store of its own may not."""
    vendor = vendor_of(secured.issuer, secured.host) if secured else ""
    if secured and vendor and not secured.error:
        works = differential is not None and differential.judged.accepted
        return _trusted_here(secured, vendor, trust) if works else None
    if secured and not secured.error:
        # where only the other host is not trusted there is more to say (tls-ca-applied-to-one-leg-only)
        return None
    if not _refused(secured, differential, *_UNKNOWN):
        title = "The authority that signed the certificate of {host}, which is {leg}, is not trusted here."
        return of_leg(hosts, login, _at(*_UNKNOWN), title, (f"Name the authority's certificate: {_PLACES}",))
    if chain is not None and chain.trusted:
        return None
    failed = Evidence("tls", f"{secured.host}: {secured.reason or 'unknown authority'}")
    signed = Evidence("tls", f"signed by {secured.issuer or 'an unknown authority'}")
    if vendor:
        return proven(
            failed,
            signed,
            *_told(trust),
            title=f"{vendor} opens TLS on the way to {secured.host}, and its authority is not trusted here.",
            fix=(
                f"Ask the network's admin for the certificate of {vendor}'s authority (a PEM file).",
                f"Name it: {_PLACES}",
                *_never(trust),
            ),
        )
    return likely(
        failed,
        signed,
        *_told(trust),
        title=f"The authority that signed the certificate of {secured.host} is not trusted here.",
        fix=(
            f"Find out whose {secured.issuer or 'it'} is: your network's (then its admin has the certificate), or"
            " the server's own.",
            f"Name the authority's certificate: {_PLACES}",
            "If it is a public one: the server's admin leaves an intermediate certificate out of the chain.",
            *_never(trust),
        ),
    )


def _trusted_here(secured: Secured, vendor: str, trust: TrustSettings | None) -> Verdict | None:
    if trust is not None and trust.has("NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "NODE_OPTIONS"):
        return None
    return likely(
        Evidence("tls", f"signed by {secured.issuer}; this machine trusts it"),
        *_told(trust),
        title=f"{vendor} opens TLS on the way. Clients that bring a list of authorities of their own may refuse it.",
        fix=(
            "For clients on Node (Claude Code, VS Code, Cursor, mcp-remote): NODE_USE_SYSTEM_CA=1, or"
            " NODE_EXTRA_CA_CERTS=FILE with the authority's certificate.",
        ),
    )


def _told(trust: TrustSettings | None) -> tuple[Evidence, ...]:
    """What the environment names, and what is wrong with it."""
    if trust is None or not trust.variables:
        return (Evidence("trust", "no variable names another authority"),)
    said = "; ".join(
        f"{name}={value}{f' ({wrong})' if wrong else ''}" for name, value, wrong in trust.variables
    )
    return (Evidence("trust", said),)


def _never(trust: TrustSettings | None) -> tuple[str, ...]:
    off = trust is not None and any(
        n == "NODE_TLS_REJECT_UNAUTHORIZED" and v == "0" for n, v, _ in trust.variables
    )
    more = " Take NODE_TLS_REJECT_UNAUTHORIZED=0 out of the environment." if off else ""
    return (f"Never switch the check off.{more}",)
