"""Addresses, sites and times as they stand in a recording. Pure, and for every input."""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from ..answers import clean
from .model import Param, Place, mark

_RANDOM: Final = 16
_MADE: Final = re.compile(r"[A-Za-z0-9_.~%=+-]+")
_SECURE: Final = ("https", "wss")
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_OPEN: Final = frozenset(
    {
        *(
            "redirect_uri",
            "client_id",
            "response_type",
            "response_mode",
            "scope",
            "prompt",
            "resource",
            "audience",
        ),
        *("error", "error_description", "error_subcode", "grant_type", "iss", "acr_values", "max_age"),
    }
)
"""The parameters of RFC 6749, RFC 9207 and OpenID Connect Core whose values are no secret; of any other only the length
is shown."""
_MOST: Final = 60
_LONGEST: Final = 400
_SECOND: Final = frozenset(
    {"co", "com", "org", "net", "gov", "edu", "ac", "or", "ne", "go", "gob", "gouv", "nom"}
)
_SHARED: Final = (
    *(
        "github.io",
        "gitlab.io",
        "herokuapp.com",
        "vercel.app",
        "netlify.app",
        "pages.dev",
        "workers.dev",
        "web.app",
    ),
    *(
        "azurewebsites.net",
        "cloudapp.net",
        "azurestaticapps.net",
        "cloudfront.net",
        "onrender.com",
        "fly.dev",
    ),
    *(
        "appspot.com",
        "run.app",
        "firebaseapp.com",
        "ngrok.io",
        "ngrok-free.app",
        "ngrok.app",
        "trycloudflare.com",
    ),
    *("amazonaws.com", "elasticbeanstalk.com", "blogspot.com", "readthedocs.io", "myshopify.com"),
)
"""Names of the Public Suffix List below which everybody has a name of his own; the ones that are met with logins."""


def place(url: str) -> Place | None:
    """An address; None for what is none of http(s)."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not host:
        return None
    found = params(pairs(parts.query) + pairs(parts.fragment))
    return Place(scheme, clean(host), port or _PORTS[scheme], path(parts.path or "/"), found)


def params(given: Iterable[tuple[str, str]]) -> Mapping[str, Param]:
    """The first of each name. Values whose name is not known to be harmless leave a length and a mark."""
    found: dict[str, Param] = {}
    for name, value in given:
        key = clean(name, 60)
        if key and key not in found and len(found) < _MOST:
            shown = key in _OPEN
            found[key] = Param(len(value), mark(value), clean(value, _LONGEST) if shown else "")
    return found


def form(text: str) -> Mapping[str, Param]:
    """Parameters of a body that was posted as a form."""
    return params(pairs(text))


def is_open(name: str) -> bool:
    """Whether the value of a parameter of this name may be shown."""
    return name in _OPEN


def pairs(text: str) -> list[tuple[str, str]]:
    """Names and values of a query or a form; none of what is no such thing."""
    if "=" not in text:
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=500)
    except ValueError:
        return []


def is_address(host: str) -> bool:
    """Whether a host is an IP address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a browser takes the host for this machine, and so for safe without TLS."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_suffix(domain: str) -> bool:
    """Whether a domain is one under which strangers have names: no cookie is kept for it (RFC 6265bis section 5.7)."""
    if domain in _SHARED or "." not in domain:
        return True
    labels = domain.split(".")
    return len(labels) == 2 and labels[0] in _SECOND and len(labels[1]) == 2


def registrable(host: str) -> str:
    """The domain that one party holds: what decides whether two hosts are one site."""
    if is_address(host) or "." not in host:
        return host
    labels = host.split(".")
    for size in range(2, len(labels) + 1):
        domain = ".".join(labels[-size:])
        if not is_suffix(domain):
            return domain
    return host


def same_site(one: Place, other: Place) -> bool:
    """Schemeful same-site, as browsers compare (RFC 6265bis section 5.2)."""
    if (one.scheme in _SECURE) != (other.scheme in _SECURE):
        return False
    return registrable(one.host) == registrable(other.host)


def path(text: str) -> str:
    """A path as it may be shown: what looks made by chance, and may be a secret or one login's own, is ``*``."""
    return "/".join("*" if by_chance(part) else part for part in clean(text, 600).split("/"))


def by_chance(part: str) -> bool:
    """Whether a word looks made by chance, as tokens and ids are."""
    if len(part) < _RANDOM or not _MADE.fullmatch(part):
        return False
    kinds = [(c.isdigit(), c.isupper()) for c in part if c.isalnum()]
    turns = sum(one != other for one, other in itertools.pairwise(kinds))
    return turns >= len(kinds) / 4 or sum(digit for digit, _ in kinds) > len(kinds) / 2


_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,6})\d*)?\s*(Z|[+-]\d\d:?\d\d)?")


def moment(text: str) -> float | None:
    """ISO 8601 as recordings have it, in seconds since 1970."""
    found = _ISO.fullmatch(text.strip()[:40])
    if found is None:
        return None
    zone = (found[3] or "Z").replace("Z", "+00:00")
    try:
        base = datetime.fromisoformat(f"{found[1].replace(' ', 'T')}{zone}").timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return base + (float(f"0.{found[2]}") if found[2] else 0.0)


def date(text: str) -> float | None:
    """A date of HTTP (RFC 9110 section 5.6.7), or one with hyphens as cookies have it."""
    try:
        found = parsedate_to_datetime(
            text.strip()[:60].replace("-", " ", 2) if "-" in text[:12] else text[:60]
        )
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.timestamp()
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
