"""What servers publish about themselves, and what a login came to: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wizard.secret import Secret


@dataclass(frozen=True, slots=True)
class ResourceMetadata:
    """RFC 9728 section 2: what the protected resource says of itself, read at ``url``."""

    url: str
    resource: str
    authorization_servers: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """RFC 8414 section 2 (or OIDC Discovery): what an authorization server says of itself, read at ``url``.

    ``url`` is empty where nothing is published and the endpoints are those of 2025-03-26, which are guessed only where
    no document names an authorization server. A tuple is None where the member is absent. An endpoint that is not
    published is empty. ``raw`` is the whole document.
    """

    issuer: str
    url: str
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    registration_endpoint: str = ""
    device_authorization_endpoint: str = ""
    introspection_endpoint: str = ""
    revocation_endpoint: str = ""
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    jwks_uri: str = ""
    scopes_supported: tuple[str, ...] | None = None
    grant_types_supported: tuple[str, ...] | None = None
    code_challenge_methods_supported: tuple[str, ...] | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] | None = None
    dpop_signing_alg_values_supported: tuple[str, ...] | None = None
    says_iss: bool = False
    takes_client_metadata: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """What a login came to, whole: enough to use the access token, to refresh it, and to revoke it.

    ``expires_at`` is seconds since the epoch, None where it was not said. ``scopes`` were granted (those asked for
    where the answer names none), ``asked`` were asked for. ``token_type`` is ``Bearer`` or ``DPoP``; ``dpop_key`` is
    the private key of the latter, as a JWK. ``resource`` is RFC 8707's, empty where none was sent. ``how`` is the
    contract's method id. ``endpoints`` are those of the issuer's metadata by name (``revocation_endpoint`` ...).
    ``server`` is the address that was asked, for whose origin alone the access token is; empty in older documents.
    """

    issuer: str
    client_id: str
    access_token: Secret
    how: str = "authorization_code"
    client_secret: Secret | None = None
    authentication: str = "none"
    token_type: str = "Bearer"  # noqa: S105  # a kind, no token
    refresh_token: Secret | None = None
    id_token: Secret | None = None
    expires_at: float | None = None
    scopes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    resource: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict)
    dpop_key: Secret | None = None
    registration: str = "given"
    server: str = ""

    @property
    def token_endpoint(self) -> str:
        """Where it is refreshed."""
        return self.endpoints.get("token_endpoint", "")
