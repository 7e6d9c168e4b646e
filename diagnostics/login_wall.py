"""What stands before a service and wants a person to log in: known by where it sends a request, or by its page."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

_PASSWORD: Final = re.compile(rb"<input\b[^>]*\btype\s*=\s*[\"']?password\b", re.I)
_FORM: Final = re.compile(
    rb"<form\b[^>]*\baction\s*=\s*[\"']?[^\"'>\s]*(?:log-?in|sign[-_]?in|oauth2/start|/sso\b|cdn-cgi/access)",
    re.I,
)
_LOGIN: Final = re.compile(r"/(?:log-?in|sign[-_]?in|sso|accounts/login|auth/login)/?$", re.I)
_PEEK: Final = 65536


@dataclass(frozen=True, slots=True)
class Wall:
    """Who asks for the login, what its admin can do, and where that is documented. ``certain`` is False for a login
    page that may as well be the service's own."""

    name: str
    fix: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    wall: Wall
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


# Sources: oauth2-proxy.github.io/oauth2-proxy/features/endpoints for its paths; the page of UnauthenticatedAction
# in docs.aws.amazon.com/cdk/api; skills.sh/vm0-ai/vm0-skills/cloudflare-tunnel for the two headers; coder issue 8297.
_KNOWN: Final = (
    _Known(
        Wall(
            "Cloudflare Access",
            "Cloudflare Access: add a Service Auth policy for this path, and send CF-Access-Client-Id and"
            " CF-Access-Client-Secret; or a Bypass policy, or its managed OAuth for MCP clients.",
        ),
        ("cloudflareaccess.com",),
        ("/cdn-cgi/access/",),
    ),
    _Known(
        Wall(
            "oauth2-proxy",
            "oauth2-proxy: name the path with --skip-auth-route, or take bearer tokens with --skip-jwt-bearer-tokens;"
            " --api-route makes it answer 401 in place of the redirect.",
        ),
        (),
        ("/oauth2/start", "/oauth2/sign_in"),
    ),
    _Known(
        Wall(
            "Microsoft Entra sign-in",
            "Azure: set unauthenticated requests to HTTP 401 instead of the redirect, and allow the token's audience.",
        ),
        ("login.microsoftonline.com", "login.windows.net", "login.microsoftonline.us"),
        ("/.auth/login/",),
    ),
    _Known(
        Wall(
            "Google sign-in (Identity-Aware Proxy)",
            "Identity-Aware Proxy: send an OIDC token for its client id in Proxy-Authorization, or exempt the path.",
        ),
        ("accounts.google.com",),
    ),
    _Known(
        Wall(
            "an AWS load balancer with Cognito",
            "AWS load balancer: set OnUnauthenticatedRequest to allow (or deny) for this path.",
        ),
        ("amazoncognito.com",),
    ),
    _Known(
        Wall("authentik", "authentik: add the path to the provider's unauthenticated paths."),
        (),
        ("/outpost.goauthentik.io/",),
    ),
    _Known(Wall("Pomerium", "Pomerium: use a service account's token for this route."), (), ("/.pomerium/",)),
    _Known(
        Wall("Okta", "Let the API's path through without a browser login."),
        ("okta.com", "oktapreview.com", "okta-emea.com"),
    ),
)
_PROVIDER: Final = Wall(
    "an identity provider",
    "Let the API's path through without a browser login, and let it answer 401 itself.",
)
_AUTHELIA: Final = Wall("Authelia", "Authelia: add an access control rule with policy bypass for this path.")
LOGIN_PAGE: Final = Wall(
    "a login page", "Let the API's path answer 401 in place of a login page.", certain=False
)


def wall_of(location: str, asks: Collection[str]) -> Wall | None:
    """Who stands at an address that a request was sent to; ``asks`` are the names of its parameters."""
    try:
        parts = urlsplit(location)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    for known in _KNOWN:
        if any(host == h or host.endswith(f".{h}") for h in known.hosts):
            return known.wall
        if any(parts.path.startswith(p) for p in known.paths):
            return known.wall
    names = set(asks)
    if {"client_id", "response_type"} <= names or "SAMLRequest" in names:
        return _PROVIDER
    if {"rd", "rm"} <= names:
        return _AUTHELIA
    return LOGIN_PAGE if _LOGIN.search(parts.path) else None


def is_login_page(kind: str, body: bytes) -> bool:
    """Whether a web page asks to log in: it has a field for a password, or its form leads to a login."""
    if kind not in ("text/html", "application/xhtml+xml"):
        return False
    head = body[:_PEEK]
    return bool(_PASSWORD.search(head) or _FORM.search(head))


def parameter_names(url: str) -> tuple[str, ...]:
    """The names of an address's parameters, without their values."""
    try:
        return tuple(name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True))
    except ValueError:
        return ()
