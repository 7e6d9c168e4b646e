"""Where servers publish what they say of themselves, and how that reads. No network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from wizard.urls import origin

from .model import ResourceMetadata, ServerMetadata

RESOURCE: Final = "/.well-known/oauth-protected-resource"
"""What the address of resource metadata holds (RFC 9728 section 3)."""
_OAUTH: Final = "/.well-known/oauth-authorization-server"
_OIDC: Final = "/.well-known/openid-configuration"
ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "device_authorization_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "jwks_uri",
)
_LISTS: Final = (
    "scopes_supported",
    "grant_types_supported",
    "code_challenge_methods_supported",
    "token_endpoint_auth_methods_supported",
    "dpop_signing_alg_values_supported",
)


def resource_places(url: str, named: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Where a resource's metadata may lie: where its challenge says, path-inserted, at the root (RFC 9728 section 3.1,
    MCP-A5, MCP-A6)."""
    path = urlsplit(url).path.rstrip("/")
    inserted = (_at(url, RESOURCE + path),) if path else ()
    return tuple(dict.fromkeys((*named, *inserted, _at(url, RESOURCE))))


def server_places(issuer: str) -> tuple[str, ...]:
    """Where an issuer's metadata may lie, in the order of MCP-A10 and MCP-A11 (RFC 8414 section 3.1, OIDC Discovery
    section 4)."""
    path = urlsplit(issuer).path.rstrip("/")
    if not path:
        return _at(issuer, _OAUTH), _at(issuer, _OIDC)
    return _at(issuer, _OAUTH + path), _at(issuer, _OIDC + path), _at(issuer, path + _OIDC)


def resource_metadata(url: str, found: object) -> ResourceMetadata | None:
    """The document read at ``url``; None where it is none."""
    if not isinstance(found, Mapping) or not ("resource" in found or "authorization_servers" in found):
        return None
    resource = found.get("resource")
    return ResourceMetadata(
        url,
        resource if isinstance(resource, str) else "",
        _texts(found.get("authorization_servers")) or (),
        _texts(found.get("scopes_supported")),
    )


def server_metadata(url: str, found: object) -> ServerMetadata | None:
    """The document read at ``url``; None where it names no issuer."""
    if not isinstance(found, Mapping) or not isinstance(issuer := found.get("issuer"), str):
        return None
    known: dict[str, Any] = {name: _text(found.get(name)) for name in ENDPOINTS}
    known |= {name: _texts(found.get(name)) for name in _LISTS}
    return ServerMetadata(
        issuer,
        url,
        **known,
        says_iss=found.get("authorization_response_iss_parameter_supported") is True,
        takes_client_metadata=found.get("client_id_metadata_document_supported") is True,
        raw=dict(found),
    )


def without(server: ServerMetadata, endpoints: Collection[str]) -> ServerMetadata:
    """The same without these endpoints."""
    gone: dict[str, Any] = dict.fromkeys(endpoints, "")
    return replace(server, **gone)


def unpublished(url: str) -> ServerMetadata:
    """The endpoints of revision 2025-03-26 for a server that publishes nothing at all, and names nobody."""
    root = _at(url, "")
    return ServerMetadata(
        root,
        "",
        authorization_endpoint=f"{root}/authorize",
        token_endpoint=f"{root}/token",
        registration_endpoint=f"{root}/register",
    )


def covers(resource: str, url: str) -> bool:
    """Whether a resource is the server at ``url``, or the part of it that holds that address (MCP-A13)."""
    try:
        one, other = urlsplit(resource), urlsplit(url)
        if origin(resource) != origin(url) or one.fragment or "@" in one.netloc:
            return False
    except ValueError:
        return False
    if one.query and one.query != other.query:
        return False
    path = one.path.rstrip("/")
    return other.path.rstrip("/") == path or other.path.startswith(f"{path}/")


def canonical(url: str) -> str:
    """The server's own address as a resource identifier: small letters in scheme and host, no fragment, no slash at
    the end (MCP-C10, RFC 8707 section 2)."""
    parts = urlsplit(url)
    path = parts.path if parts.path != "/" else ""
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))


def root_of(url: str) -> str:
    """Scheme, host and port as an address without a path."""
    return _at(url, "")


def _at(url: str, path: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _text(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() else ""


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(v for v in value if isinstance(v, str) and v.isprintable())
