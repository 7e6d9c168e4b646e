"""What an issuer says of a token: introspection (RFC 7662), user info (OpenID Connect Core section 5.3), and
FusionAuth's validate endpoint.

A token, and a client's secret, go to the endpoints of metadata whose issuer is the token's to the letter; the caller
reads it by `wizard.oauth.discovery.server_metadata`, which compares that. No redirect is followed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wizard.challenge import parse_challenges
from wizard.errors import JobError
from wizard.jwt import peek
from wizard.redaction import tells_a_secret
from wizard.secret import MASK, Secret
from wizard.urls import check_url, is_loopback

from .client_auth import BASIC, POST, PUBLIC, OAuthClient, prepared
from .signatures import Signature, check

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.transport import Transport

    from .model import ServerMetadata

ANOTHER_NAME: Final = "Token verification failed"
"""Keycloak, also of a token whose signature is right, where it knows itself by another name than stands in it."""
_LONGEST: Final = 300
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Introspection:
    """RFC 7662 section 2.2. ``active`` is None where the endpoint did not say; ``client_id`` is who asked, empty where
    the token was sent alone. ``error``, ``reason`` and ``description`` are a refusal's words, redacted. ``claims`` are
    what it says of an active token."""

    url: str
    status: int
    active: bool | None
    client_id: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""
    reason: str = ""
    description: str = ""

    @property
    def said(self) -> str:
        """The answer, and who asked."""
        told = f"active {str(self.active).lower()}" if self.active is not None else ""
        words = " ".join(p for p in (told, self.error, self.reason or self.description) if p)
        who = f"by {self.client_id}" if self.client_id else "without a client"
        return f"{self.status} {words}".rstrip() + f", asked {who}"

    def seen(self) -> str:
        """The same, with what was asked."""
        return f"introspection: {self.said}"


@dataclass(frozen=True, slots=True)
class UserInfoAnswer:
    """OpenID Connect Core section 5.3.2; ``reason`` is FusionAuth's; ``signed`` how the
    signature stands where the answer is a JWT."""

    url: str
    status: int
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)
    error: str = ""
    reason: str = ""
    description: str = ""
    signed: Signature | None = None

    @property
    def good(self) -> bool:
        """Whether the issuer took the token."""
        return self.status == 200 and bool(self.claims)

    @property
    def said(self) -> str:
        """The status, and what was said."""
        return " ".join(p for p in (str(self.status), self.error, self.reason or self.description) if p)

    def seen(self) -> str:
        """The same, with what was asked."""
        return f"user info: {self.said}"


@dataclass(frozen=True, slots=True)
class Validation:
    """FusionAuth's ``/api/jwt/validate``: 200 where signature and expiry are right
    (https://fusionauth.io/docs/apis/jwt#validate-a-jwt)."""

    url: str
    status: int
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def good(self) -> bool:
        """Whether the issuer took the token."""
        return self.status == 200 and bool(self.claims)

    @property
    def said(self) -> str:
        """The status."""
        return f"{self.status} from {urlsplit(self.url).path}"

    def seen(self) -> str:
        """The same, with what was asked."""
        return f"FusionAuth's validate endpoint: {self.said}"


@dataclass(frozen=True, slots=True)
class ClientKnown:
    """Whether the token endpoint knows the client, asked with a code that cannot exist (RFC 6749 section 5.2: a client
    that it does not know is ``invalid_client``, a code ``invalid_grant``)."""

    client_id: str
    status: int
    error: str

    @property
    def refused(self) -> bool:
        """Whether the client itself was refused."""
        return self.status == 401 or self.error == "invalid_client"

    def seen(self) -> str:
        """The token endpoint's answer."""
        return f"the token endpoint, asked as {self.client_id}: {self.status} {self.error}".rstrip()


def fusionauth(server: ServerMetadata) -> bool:
    """Whether this metadata is FusionAuth's: its paths, all at the issuer's own origin
    (https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/endpoints#openid-configuration)."""
    root = _root(server.issuer)
    return bool(root) and (
        server.authorization_endpoint == f"{root}/oauth2/authorize"
        and server.token_endpoint == f"{root}/oauth2/token"
        and server.userinfo_endpoint == f"{root}/oauth2/userinfo"
        and server.jwks_uri == f"{root}/.well-known/jwks.json"
    )


def introspection_endpoint(server: ServerMetadata) -> str:
    """The one that the metadata names; FusionAuth's names none, and its page says where it is. Empty for none."""
    known = f"{_root(server.issuer)}/oauth2/introspect" if fusionauth(server) else ""
    return server.introspection_endpoint or known


def validate_endpoint(server: ServerMetadata) -> str:
    """FusionAuth's; empty for every other issuer."""
    return f"{_root(server.issuer)}/api/jwt/validate" if fusionauth(server) else ""


def _root(issuer: str) -> str:
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


async def introspect(
    server: ServerMetadata, token: Secret, transport: Transport, client: OAuthClient | None = None
) -> Introspection:
    """Ask whether a token is active; without a client the token goes alone, which most endpoints refuse.

    Raises: JobError ``not-published``, ``endpoint-not-https``. TransportError: no answer was had. UsageError:
    ``unknown-authentication``.
    """
    url = _usable(introspection_endpoint(server), "introspection endpoint")
    form: dict[str, str | Secret] = {"token": token, "token_type_hint": "access_token"}
    headers, body = prepared(url, client or OAuthClient("", None, PUBLIC), form, transport.know)
    transport.know(token, *((client.secret,) if client and client.secret else ()))
    reply = await transport.send("POST", url, headers=headers, body=body())
    found = _members(reply)
    inner = found.get("token_introspection")  # RFC 9701: the answer as a JWT
    found = inner if isinstance(inner, dict) else found
    active = found.get("active")
    # FusionAuth's page calls it a text
    told = {"true": True, "false": False}.get(active.lower()) if isinstance(active, str) else active
    known = told if isinstance(told, bool) and reply.status == 200 else None
    error, description = _refusal(reply, found, transport)
    return Introspection(
        url,
        reply.status,
        known,
        client.id if client else "",
        _claims({k: v for k, v in found.items() if k != "active"}, transport) if known else {},
        error,
        _line(found.get("error_reason"), transport),
        description,
    )


async def user_info(
    server: ServerMetadata, token: Secret, transport: Transport, keys: Mapping[str, object] | None = None
) -> UserInfoAnswer:
    """Ask whom a token is for. ``keys`` check an answer that is signed.

    Raises: as `introspect`.
    """
    url = _usable(server.userinfo_endpoint, "user info endpoint")
    reply = await _bearer(url, token, transport)
    text = reply.body[:1_000_000].decode("utf-8", "replace").strip()
    signed = check(text, keys or {}, server.jwks_uri) if peek(text) else None
    found = _members(reply)
    error, description = _refusal(reply, found, transport)
    claims = _claims(found, transport) if reply.status == 200 else {}
    reason = _line(found.get("error_reason"), transport)
    return UserInfoAnswer(url, reply.status, claims, error, reason, description, signed)


async def validate(server: ServerMetadata, token: Secret, transport: Transport) -> Validation:
    """Ask FusionAuth whether a token's signature and time are right. Raises: as `introspect`."""
    url = _usable(validate_endpoint(server), "validate endpoint")
    reply = await _bearer(url, token, transport)
    held = _members(reply).get("jwt")
    return Validation(url, reply.status, _claims(held, transport) if isinstance(held, dict) else {})


async def client_known(server: ServerMetadata, client: OAuthClient, transport: Transport) -> ClientKnown:
    """Ask the token endpoint for nothing but whether it knows the client. Raises: as `introspect`."""
    import secrets

    url = _usable(server.token_endpoint, "token endpoint")
    code = Secret(secrets.token_urlsafe(24))
    grant: dict[str, str | Secret] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://127.0.0.1/",
    }
    headers, body = prepared(url, client, grant, transport.know)
    transport.know(code, *((client.secret,) if client.secret else ()))
    reply = await transport.send("POST", url, headers=headers, body=body())
    return ClientKnown(client.id, reply.status, _refusal(reply, _members(reply), transport)[0])


def authentication(server: ServerMetadata, *, secret: bool) -> str:
    """How a client shows who it is to the introspection endpoint, by its own list or the token endpoint's (RFC 8414
    section 2); basic where neither says."""
    if not secret:
        return PUBLIC
    own = server.raw.get("introspection_endpoint_auth_methods_supported")
    ways = own if isinstance(own, list) else server.token_endpoint_auth_methods_supported or ()
    return POST if POST in ways and BASIC not in ways else BASIC


async def _bearer(url: str, token: Secret, transport: Transport) -> Reply:
    transport.know(token)
    return await transport.send(
        "GET", url, headers={"Authorization": token.map("Bearer "), "Accept": "application/json"}
    )


def _usable(url: str, what: str) -> str:
    if not url:
        raise JobError(
            "not-published",
            f"The issuer's metadata names no {what}.",
            "",
            ["Ask the identity provider's admin whether it has one."],
        )
    if check_url(url).lower().startswith("http:") and not is_loopback(url):
        raise JobError(
            "endpoint-not-https",
            f"The {what} is reached over plain http: anybody on the way could read the token.",
            f"Its address is {url[:200]}.",
            ["Tell the identity provider's admin that it needs https."],
        )
    return url


def _members(reply: Reply) -> Mapping[str, Any]:
    """The members of a JSON object, or the claims of a JWT; none of anything else."""
    text = reply.body.decode("utf-8", "replace").strip()
    if found := peek(text):
        return dict(found.claims)
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _claims(found: Mapping[str, Any], transport: Transport) -> Mapping[str, Any]:
    """What was said, redacted: a claim that is called like a secret keeps its name alone."""
    return {transport.redact(name): _clean(name, value, transport, 0) for name, value in found.items()}


def _clean(name: str, value: object, transport: Transport, depth: int) -> object:
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, str):
        return MASK if tells_a_secret(name) else transport.redact(value)
    if isinstance(value, dict):
        return {transport.redact(k): _clean(k, v, transport, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(name, v, transport, depth + 1) for v in value]
    return value


def _refusal(reply: Reply, found: Mapping[str, Any], transport: Transport) -> tuple[str, str]:
    """Code and sentence of a refusal: by the challenge (RFC 6750 section 3), else by the body."""
    if reply.status == 200:
        return "", ""
    told = parse_challenges(reply.headers.get_all("www-authenticate"))
    challenge = next((c for c in told if c.get("error")), None)
    if challenge is not None:
        return _line(challenge.get("error"), transport), _line(challenge.get("error_description"), transport)
    return _line(found.get("error"), transport), _line(found.get("error_description"), transport)


def _line(value: object, transport: Transport) -> str:
    """One redacted line of what an endpoint said."""
    if not isinstance(value, str):
        return ""
    plain = "".join(c if c.isprintable() else " " for c in transport.redact(value)[: _LONGEST * 4])
    return " ".join(plain.split())[:_LONGEST]
