"""Faults of the layer tls: certificates that nobody may trust, and handshakes that end. All are made at run time."""

from __future__ import annotations

import datetime
import ssl
import tempfile
import warnings
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from servers.scripted import Answering, Asked, Reply

from ..fault import Words, fault
from ..world import World
from .way import guarded, token

_PLAIN: Final = serialization.NoEncryption()


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def host_of(world: World) -> str:
    """The server's name in this variant."""
    host = world.pick("localhost", "tools.acme.test", "mcp.intern.example")
    return host if host == "localhost" else world.name(host)


def trusted(world: World, *authorities: trustme.CA) -> tuple[str, ...]:
    """The options by which these authorities are trusted."""
    held = b"".join(a.cert_pem.bytes() for a in authorities)
    return ("--ca", str(world.file("trust/ca.pem", held)))


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def served(
    world: World, context: ssl.SSLContext, answering: Answering | None = None, host: str = ""
) -> tuple[str, str]:
    """A protected server behind this certificate; its address, and the token that it takes."""
    value = token()
    site = world.serve(answering or guarded(value), tls=context)
    return f"https://{host or host_of(world)}:{site.port}{world.variant.path}", value


@dataclass(frozen=True)
class Made:
    """A certificate and its key, made by hand where trustme has no word for it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        held = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, _PLAIN)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "own.pem"
            place.write_bytes(held + self.pem())
            context.load_cert_chain(place)
        return context


def made(
    name: str, signer: Made | None = None, *, authority: bool = False, host: str = "", signer_at: str = ""
) -> Made:
    """A certificate of this name, signed by itself where nobody else does."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Acme Trust Services"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - datetime.timedelta(days=9))
        .not_valid_after(now() + datetime.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if host:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    if signer_at:
        at = x509.UniformResourceIdentifier(signer_at)
        told = x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.CA_ISSUERS, at)
        built = built.add_extension(x509.AuthorityInformationAccess([told]), critical=False)
    return Made(built.sign(signer.key if signer else key, hashes.SHA256()), key)


@fault("tls-server-certificate-expired", source="AuraFriday/mcp-link#9")
def it_has_expired(world: World) -> Words:
    authority = trustme.CA()
    ended = now() - world.pick(
        datetime.timedelta(hours=5), datetime.timedelta(days=3), datetime.timedelta(days=400)
    )
    leaf = authority.issue_cert(
        host_of(world), not_before=ended - datetime.timedelta(days=90), not_after=ended
    )
    url, value = served(world, context_of(leaf))
    return ("doctor", url, "--credential", world.readable(value), *trusted(world, authority))


@fault("tls-certificate-not-yet-valid", source="OpenSSL X509_V_ERR_CERT_NOT_YET_VALID")
def it_begins_tomorrow(world: World) -> Words:
    authority = trustme.CA()
    begins = now() + world.pick(
        datetime.timedelta(hours=3), datetime.timedelta(days=1), datetime.timedelta(days=40)
    )
    leaf = authority.issue_cert(
        host_of(world), not_before=begins, not_after=begins + datetime.timedelta(days=90)
    )
    url, value = served(world, context_of(leaf))
    return ("doctor", url, "--credential", world.readable(value), *trusted(world, authority))


@fault("tls-cert-not-valid-because-clock", source="microsoft/WSL#4149")
def a_clock_that_stood_still(world: World) -> Words:
    """To a clock that stopped, a certificate of this week is from the future; the server has the time that it is."""
    authority = trustme.CA()
    behind = world.pick(datetime.timedelta(days=4), datetime.timedelta(hours=14), datetime.timedelta(days=70))
    begins = now() + behind - datetime.timedelta(hours=world.pick(30, 6, 900))
    leaf = authority.issue_cert(
        host_of(world), not_before=begins, not_after=begins + datetime.timedelta(days=90)
    )
    value = token()
    url, value = served(world, context_of(leaf), at_time(guarded(value), behind))
    return ("doctor", url, "--credential", world.readable(value), *trusted(world, authority))


def at_time(answering: Answering, ahead: datetime.timedelta) -> Answering:
    """The same by a clock that is ahead of this machine's."""

    def later(asked: Asked) -> Reply:
        reply = answering(asked)
        date = format_datetime(now() + ahead, usegmt=True)
        return Reply(reply.status, reply.body, reply.kind, (*reply.headers, ("Date", date)))

    return later


@fault("tls-hostname-mismatch", source="grindsa/acme2certifier#199")
def another_name(world: World) -> Words:
    authority = trustme.CA()
    names = world.pick(("mcp.acme.test",), ("*.acme.example", "acme.example"), ("10.0.0.7",))
    url, value = served(world, context_of(authority.issue_cert(*names)))
    return ("doctor", url, "--credential", world.readable(value), *trusted(world, authority))


@fault("tls-self-signed-server", source="OpenSSL X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT")
def signed_by_itself(world: World) -> Words:
    own = made(world.pick("localhost", "device", "snakeoil"), host=host_of(world))
    url, value = served(world, own.context())
    return ("doctor", url, "--credential", world.readable(value))


@fault("tls-interception-ca-not-trusted", source="anthropics/claude-code#25084")
def opened_on_the_way(world: World) -> Words:
    organisation = world.pick("Zscaler Inc.", "Netskope Inc", "Palo Alto Networks")
    authority = trustme.CA(organization_name=organisation)
    url, value = served(world, context_of(authority.issue_cert(host_of(world))))
    world.env("NODE_EXTRA_CA_CERTS", str(world.home / "gone.pem"))
    return ("doctor", url, "--credential", world.readable(value))


@fault("tls-incomplete-chain", source="auth0/express-openid-connect#360")
def the_intermediate_is_left_out(world: World) -> Words:
    root = made("Acme Root", authority=True)
    between = made("Acme Issuing CA 3", root, authority=True)
    file = world.pick(between.der(), between.pem(), between.der())
    kind = world.pick("application/pkix-cert", "application/x-pem-file", "application/octet-stream")
    shelf = world.serve(lambda _: Reply(body=file, kind=kind))
    host = host_of(world)
    leaf = made(
        host, between, host=host, signer_at=shelf.url(world.pick("/r3.der", "/aia/issuing.crt", "/ca3"))
    )
    url, value = served(world, leaf.context())
    ca = ("--ca", str(world.file("trust/ca.pem", root.pem())))
    return ("doctor", url, "--credential", world.readable(value), *ca)


@fault("tls-client-certificate-required", source="RFC 8446 section 6.2")
def it_wants_one_of_the_client(world: World) -> Words:
    authority = trustme.CA()
    context = context_of(authority.issue_cert(host_of(world)))
    answering = None
    if world.variant.number < 2:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        context.maximum_version = world.pick(ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)
    else:
        page = "<h1>400 Bad Request</h1><center>No required SSL certificate was sent</center>"
        answering = lambda _: Reply(400, page, "text/html")  # noqa: E731  # one of two
    url, value = served(world, context, answering)
    return ("doctor", url, "--credential", world.readable(value), *trusted(world, authority))


@fault("tls-version-too-old", source="RFC 8996")
def nothing_newer_than_2006(world: World) -> Words:
    authority = trustme.CA()
    context = context_of(authority.issue_cert(host_of(world)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = world.pick(
            ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        )
    context.set_ciphers("ALL:@SECLEVEL=0")
    url, value = served(world, context)
    return ("doctor", url, "--credential", world.readable(value), *trusted(world, authority))


@fault("https-url-on-plain-http-port", source="RFC 9110 section 4.2")
def it_speaks_plain_http(world: World) -> Words:
    value = token()
    site = world.serve(guarded(value))
    host = host_of(world)
    return (
        "doctor",
        f"https://{host}:{site.port}{world.variant.path}",
        "--credential",
        world.readable(value),
    )


def two_hosts(world: World, one: ssl.SSLContext, other: ssl.SSLContext, issuer_host: str) -> str:
    """An MCP server whose metadata names an authorization server on another host, each behind its own certificate."""
    place: dict[str, str] = {}

    def issuing(asked: Asked) -> Reply:
        issuer = place["issuer"]
        if ".well-known" not in asked.path:
            return Reply(404)
        ends = {n: f"{issuer}/{n.partition('_')[0]}" for n in ("authorization_endpoint", "token_endpoint")}
        more = {"response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
        return Reply(body={"issuer": issuer, **ends, "registration_endpoint": f"{issuer}/register", **more})

    login = world.serve(issuing, tls=other)
    place["issuer"] = f"https://{issuer_host}:{login.port}"

    def protected(asked: Asked) -> Reply:
        base = place["base"]
        known = f"{base}/.well-known/oauth-protected-resource{world.variant.path}"
        if asked.path.startswith("/.well-known/oauth-protected-resource"):
            named = {"resource": f"{base}{world.variant.path}", "authorization_servers": [place["issuer"]]}
            return Reply(body=named)
        if asked.path != world.variant.path:
            return Reply(404)
        challenge = f'Bearer resource_metadata="{known}"'
        return Reply(401, {"error": "invalid_token"}, headers=(("WWW-Authenticate", challenge),))

    site = world.serve(protected, tls=one)
    place["base"] = f"https://{host_of(world)}:{site.port}"
    return f"{place['base']}{world.variant.path}"


@fault(
    "tls-ca-applied-to-one-leg-only",
    source="openai/tunnel-client#64",
    alone=False,
    herring="",
)
def the_login_is_not_trusted(world: World) -> Words:
    ours, theirs = trustme.CA(), trustme.CA(organization_name=world.pick("Acme Corp", "Intern", "Blue Lab"))
    issuer_host = world.name(world.pick("login.acme.test", "auth.acme.test", "id.intern.example"))
    one, other = context_of(ours.issue_cert(host_of(world))), context_of(theirs.issue_cert(issuer_host))
    url = two_hosts(world, one, other, issuer_host)
    return ("test", url, *trusted(world, ours))
