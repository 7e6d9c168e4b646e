"""Layer tls: what ends a handshake beside the certificate's own faults, and one host trusted where another is not."""

from __future__ import annotations

import re
from typing import Final

from wizard.livetest import LIKELY, PROVEN, Evidence

from ..facts import Secured
from ..facts.login import LoginTold
from ..facts.tls import ClientCertificate, CompletedChain, OldTls
from ..facts.way import HostLegs, TrustSettings
from ..nearness import host_of
from .book import Verdict, cause, likely, proven

_WANTED: Final = re.compile(r"certificate required")
"""The alert of RFC 8446 section 6.2 (116), which means nothing else."""
_UNKNOWN: Final = (2, 19, 20, 21)
_VERSIONS: Final = re.compile(r"protocol version|unsupported protocol|version too low")


@cause(
    id="tls-incomplete-chain",
    layer="tls",
    owner="server-admin",
    title="The server leaves out a certificate between its own and the authority's.",
    explanation="Most authorities sign with an intermediate certificate, which the server has to send along. Browsers"
    " fetch or remember it, so that they work; most programs do not, and refuse.",
    fix=(
        "The server's admin: serve the whole chain (the authority's file is often called fullchain.pem).",
        "Never switch the check off.",
    ),
    sources=(
        "RFC 8446 section 4.4.2",
        "OpenSSL X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "https://github.com/auth0/express-openid-connect/issues/360",
    ),
    explains=("tls-interception-ca-not-trusted",),
)
def incomplete(secured: Secured, chain: CompletedChain) -> Verdict | None:
    """With the certificate that its own names as its signer's, the same handshake is trusted."""
    if not chain.trusted:
        return None
    sent = (
        f"{secured.host} sent {secured.sent} certificate{'s' if secured.sent != 1 else ''}; "
        if secured.sent
        else ""
    )
    where = ", ".join(chain.addresses)
    return proven(
        Evidence("tls", f"{sent}{secured.reason or 'its signer is not known here'}"),
        Evidence(
            "chain", f"signed by {secured.issuer or 'an intermediate'}, whose certificate is at {where}"
        ),
        Evidence("chain", "with it, this machine trusts the server"),
        title=f"{secured.host} leaves out the certificate of {secured.issuer or 'the intermediate'} that"
        " signed its own.",
        fix=(
            f"To the server's admin: \"{secured.host} sends its own certificate without the intermediate that signed it"
            f' ({where}). Please serve the whole chain (fullchain.pem)."',
            "Until then: get that file, turn it into PEM, and name it (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS,"
            " --ca FILE).",
            "Never switch the check off.",
        ),
    )


@cause(
    id="tls-client-certificate-required",
    layer="tls",
    owner="you",
    title="The server wants a certificate of its client.",
    explanation="With mutual TLS the client shows a certificate as the server does. Without one the server ends the"
    " connection, or answers that none was sent, whatever the token says.",
    fix=(
        "Ask the server's admin for a client certificate and how your client is to present it.",
        "Or for an address that does not ask for one.",
    ),
    sources=(
        "RFC 8446 sections 4.3.2 and 6.2",
        "RFC 8705",
        "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_client",
    ),
    way=True,
)
def client_certificate(certificate: ClientCertificate, secured: Secured) -> Verdict | None:
    """The alert that means this alone, or the server's own words; asked for and then hung up on is likely."""
    ended = certificate.alert
    alone = bool(_WANTED.search(ended)) or bool(certificate.says)
    if not alone and not (certificate.asked and ended):
        return None
    how = f'it answers "{certificate.says}"' if certificate.says else f"then the connection ends: {ended}"
    asked = (
        "the server asks for a certificate of the client" if certificate.asked else "none is configured here"
    )
    # a hang-up may have another reason; an alert after the question has none
    say = proven if alone or ended != "closed" else likely
    return say(
        Evidence("client-certificate", f"in the handshake with {secured.host}: {asked}"),
        Evidence("client-certificate", how),
        title=f"{secured.host} wants a certificate of its client, and none is sent.",
        fix=(
            f"To the server's admin: \"{secured.host} asks clients for a TLS certificate. Please give me one,"
            " or an address"
            ' for clients that have only a token."',
            "Give it to the client: curl --cert FILE --key FILE; most MCP clients cannot send one, so put a local proxy"
            " that can (stunnel, nginx) between.",
        ),
    )


@cause(
    id="tls-version-too-old",
    layer="tls",
    owner="server-admin",
    title="The server speaks only versions of TLS that nobody may use any more.",
    explanation="TLS 1.0 and 1.1 are broken and forbidden. A server that speaks nothing newer, or a device"
    " before it that"
    " does not, is refused by every current client.",
    fix=("The server's admin: switch TLS 1.2 and 1.3 on, in what terminates TLS.",),
    sources=("RFC 8996", "OpenSSL SSL_R_UNSUPPORTED_PROTOCOL"),
)
def version(secured: Secured, old: OldTls) -> Verdict | None:
    """No version in common; an older one is answered, or the refusal says that it is the version."""
    told = bool(_VERSIONS.search(secured.reason))
    if not old.version and not told:
        return None
    speaks = f"speaks {old.version} and nothing newer" if old.version else "refuses TLS 1.2 and 1.3"
    say = proven if old.version else likely
    return say(
        Evidence("tls", f"{secured.host}, offered TLS 1.2 and 1.3: {secured.reason or 'no handshake'}"),
        Evidence("old-tls", f"offered older ones: {old.seen()}"),
        title=f"{secured.host} {speaks}.",
        fix=(
            f"To the server's admin: \"{secured.host} {speaks}; RFC 8996 forbids that. Please switch TLS 1.2"
            " and 1.3 on,"
            ' in the server or in what terminates TLS before it."',
        ),
    )


@cause(
    id="tls-ca-applied-to-one-leg-only",
    layer="tls",
    owner="you",
    title="The server is trusted, and another host that its login needs is not.",
    explanation="A company's authority has to be known to each program, and for each host: the server, its"
    " metadata, the"
    " authorization server. A client that uses it for the server alone, or a variable that is set for the parent and"
    " not for the process that it starts, fails at the login and not before.",
    fix=(
        "Name the authority where every program finds it: the system's store, or one file with all of them.",
        "Set the same variable in the `env` of the client's entry.",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/55760",
        "https://github.com/openai/tunnel-client/issues/64",
        "https://github.com/upstash/context7/issues/2271",
    ),
    explains=("as-metadata-missing", "tls-interception-ca-not-trusted"),
)
def one_leg(
    secured: Secured, hosts: HostLegs, trust: TrustSettings | None, login: LoginTold | None
) -> Verdict | None:
    """A handshake with each, by the same trust. Proven where our own login failed so; what another client does in its
    own process is not seen."""
    if secured.error:
        return None
    legs = [leg for leg in hosts.legs if leg.secured is not None and leg.secured.verify_code in _UNKNOWN]
    if not legs or legs[0].secured is None:
        return None
    leg, other = legs[0], legs[0].secured
    host = host_of(leg.url)
    set_here = ", ".join(f"{n}={v}" for n, v, wrong in trust.variables if not wrong) if trust else ""
    return Verdict(
        PROVEN if login is not None else LIKELY,
        (
            Evidence("tls", f"{secured.host}: trusted, signed by {secured.issuer or 'an authority'}"),
            Evidence(
                "hosts",
                f"{leg.leg}, {host}: {other.reason or 'not trusted'}, signed by {other.issuer or 'unknown'}",
            ),
            Evidence("trust", set_here or "no variable names an authority"),
        ),
        f"{secured.host} is trusted here, and {host}, which is {leg.leg}, is not: a login cannot go on.",
        (
            f"Get the certificate of the authority that signed for {host}"
            f" ({other.issuer or 'ask its admin'}), and put it"
            " beside the others: one PEM file, named by SSL_CERT_FILE and NODE_EXTRA_CA_CERTS, or the system's store.",
            "Set the same variables in the `env` of the client's entry: a started program may not get yours.",
            "Bring the client up to date: several used the file for the server and not for the login.",
        ),
        aside=login is None,
    )
