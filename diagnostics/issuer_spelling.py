"""How two addresses of an issuer differ where they mean the same one."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

SAME, SLASH, SCHEME, VERSION = "same", "slash", "scheme", "version"
TENANT, VARIANT, OTHER = "tenant", "variant", "other"

# https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#token-formats
_V1: Final = re.compile(
    r"https://sts\.(?:windows\.net|microsoftonline\.(?:de|us)|chinacloudapi\.cn)/([^/]+)/?"
)
_V2: Final = re.compile(
    r"https://(?:login\.microsoftonline\.(?:com|us|de)|login\.partner\.microsoftonline\.cn|login\.windows\.net)"
    r"/([^/]+)(?:/v2\.0)?/?"
)
_ANY_TENANT: Final = frozenset({"common", "organizations", "consumers", "{tenantid}", "{tenant}", "{tid}"})


def apart(one: str, other: str) -> str:
    """`SAME` to the letter, or what alone differs: the slash at the end, http and https, the version of Entra's tokens
    (its old issuer and its new one for a tenant), Entra's placeholder for any tenant (`common`), or which of a host's
    authorization servers it is (Okta's, below /oauth2/); else `OTHER`."""
    if one == other:
        return SAME
    if one.rstrip("/") == other.rstrip("/"):
        return SLASH
    if _versions(one, other) or _versions(other, one):
        return VERSION
    tenants = [m[1].lower() for m in map(_V2.fullmatch, (one, other)) if m]
    if len(tenants) == 2 and _ANY_TENANT & set(tenants):
        return TENANT
    try:
        a, b = urlsplit(one), urlsplit(other)
        _ = a.port, b.port
    except ValueError:
        return OTHER
    if a.hostname is None or a.hostname != b.hostname:
        return OTHER
    if a.path.rstrip("/") == b.path.rstrip("/"):
        return SCHEME if {a.scheme, b.scheme} == {"http", "https"} else OTHER
    several = any(path.startswith("/oauth2/") for path in (a.path, b.path))
    return VARIANT if several and (a.scheme, a.port) == (b.scheme, b.port) else OTHER


def is_v1(issuer: str) -> bool:
    """Whether Entra's tokens of version 1 have this issuer."""
    return bool(_V1.fullmatch(issuer))


def is_v2(issuer: str) -> bool:
    """Whether Entra's tokens of version 2 have this issuer."""
    return bool(_V2.fullmatch(issuer))


def bare_origin(issuer: str) -> bool:
    """Whether it has no path: libraries write the slash after such a one by themselves."""
    try:
        return urlsplit(issuer).path in ("", "/")
    except ValueError:
        return False


def _versions(old: str, new: str) -> bool:
    first, second = _V1.fullmatch(old), _V2.fullmatch(new)
    if first is None or second is None:
        return False
    return first[1].lower() == second[1].lower() or second[1].lower() in _ANY_TENANT
