"""What becomes of a cookie, by RFC 6265bis (draft-ietf-httpbis-rfc6265bis): kept or not, sent or not, and the attribute
that is why. Pure functions over places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from . import places
from .model import Place, SetCookie, mark

_LARGEST: Final = 4096
_ATTRIBUTE: Final = 1024
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a cookie is not kept or not sent: ``by`` is the attribute (``SameSite``, ``Secure``, ``Domain``, ``Path``,
    ``Prefix``, ``Size``, ``Expires``), ``why`` a clause. ``sure`` is False where browsers differ."""

    by: str
    why: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Going:
    """A request that a cookie may go with. ``cross`` is True where another site sent the browser there."""

    to: Place
    method: str = "GET"
    cross: bool = False
    frame: bool = False
    document: bool = True


def parsed(text: str) -> SetCookie | None:
    """A ``Set-Cookie`` header (section 5.6); None for one that has to be ignored whole."""
    if any(c in text for c in "\x00\r\n"):
        return None
    first, *rest = text.split(";")
    name, equals, value = first.partition("=")
    name, value = (name.strip(), value.strip()) if equals else ("", first.strip())
    if not name and not value:
        return None
    told: dict[str, str] = {}
    for part in rest[:30]:
        key, _, given = part.partition("=")
        if len(given.strip()) <= _ATTRIBUTE:
            told[key.strip().lower()] = given.strip()
    given_path = told.get("path", "")
    age = told.get("max-age", "")
    size = len(name.encode("utf-8", "replace")) + len(value.encode("utf-8", "replace"))
    return SetCookie(
        _name(name),
        mark(value),
        len(value),
        size,
        domain=_name(told.get("domain", "").lstrip(".").lower()),
        path=places.path(given_path) if given_path.startswith("/") else "",
        secure="secure" in told,
        same_site=_mode(told.get("samesite", "")),
        partitioned="partitioned" in told,
        expires=places.date(told["expires"]) if told.get("expires") else None,
        max_age=_age(age),
    )


def _name(text: str) -> str:
    from ..answers import clean

    return clean(text, 120)


def _mode(text: str) -> str:
    found = text.capitalize()
    return found if found in ("Strict", "Lax", "None") else ""


def _age(text: str) -> float | None:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        return None
    return float(text)


def deleted(cookie: SetCookie, now: float | None) -> bool:
    """Whether it takes a cookie away: its end is in the past."""
    if cookie.max_age is not None:
        return cookie.max_age <= 0
    if cookie.expires is None:
        return False
    # what the server's own clock calls the past is meant to be deleted; one year of 1970 needs no clock
    return cookie.expires < 1e9 or (now is not None and cookie.expires <= now)


def domain_match(host: str, domain: str) -> bool:
    """Section 5.1.3."""
    return host == domain or (host.endswith(f".{domain}") and not places.is_address(host))


def path_match(path: str, of: str) -> bool:
    """Section 5.1.4."""
    return path == of or (path.startswith(of) and (of.endswith("/") or path[len(of) : len(of) + 1] == "/"))


def default_path(path: str) -> str:
    """Section 5.1.4: the path up to its last slash."""
    return path[: path.rindex("/")] if path.count("/") > 1 else "/"


def secured(at: Place) -> bool:
    """Whether a browser takes the connection for a secure one."""
    return at.scheme in ("https", "wss")


def unkept(cookie: SetCookie, at: Place, *, cross: bool = False) -> Iterator[Lost]:
    """Every reason for which a browser does not keep it (section 5.7). ``cross``: set in another site's page."""
    if cookie.size > _LARGEST:
        yield Lost("Size", f"name and value have {cookie.size} bytes, and a browser keeps at most {_LARGEST}")
    if cookie.domain and cookie.domain != at.host:
        if not domain_match(at.host, cookie.domain):
            yield Lost("Domain", f"Domain={cookie.domain} does not cover {at.host}, which set it")
        elif places.is_suffix(cookie.domain):
            yield Lost("Domain", f"Domain={cookie.domain} is one under which strangers have names")
    if cookie.secure and not secured(at):
        yield Lost("Secure", f"Secure, and {at.whole} is not https", sure=not places.is_loopback(at.host))
    lower = cookie.name.lower()
    if lower.startswith("__secure-") and not cookie.secure:
        yield Lost("Prefix", "a name with __Secure- needs Secure")
    if lower.startswith("__host-") and (not cookie.secure or cookie.domain or cookie.path != "/"):
        yield Lost("Prefix", "a name with __Host- needs Secure, Path=/ and no Domain")
    if cookie.same_site == "None" and not cookie.secure:
        yield Lost("SameSite", "SameSite=None without Secure")
    if cross and cookie.same_site in ("Strict", "Lax"):
        yield Lost("SameSite", f"SameSite={cookie.same_site}, and another site's page asked for it")


def unsent(cookie: SetCookie, at: Place, going: Going, age: float | None = None) -> Iterator[Lost]:
    """Every reason for which a cookie that was kept does not go along (section 5.8.3). ``age`` in seconds."""
    to = going.to
    if cookie.domain:
        if not domain_match(to.host, cookie.domain):
            yield Lost("Domain", f"Domain={cookie.domain} does not cover {to.host}")
    elif to.host != at.host:
        yield Lost("Domain", f"without Domain it is for {at.host} alone, and this is {to.host}")
    path = cookie.path or default_path(at.path)
    if not path_match(to.path, path):
        told = f"Path={path}" if cookie.path else f"without Path it is for {path} alone, which"
        yield Lost("Path", f"{told} does not cover {to.path}")
    if cookie.secure and secured(at) and not secured(to):
        yield Lost("Secure", f"Secure, and {to.whole} is not https", sure=not places.is_loopback(to.host))
    if age is not None and cookie.max_age is not None and age > cookie.max_age:
        yield Lost("Expires", f"Max-Age={cookie.max_age:g}, and {age:.0f} s went by")
    if going.cross:
        yield from _cross(cookie, going)


def _cross(cookie: SetCookie, going: Going) -> Iterator[Lost]:
    if cookie.same_site == "None":
        return
    if cookie.same_site == "Strict":
        yield Lost("SameSite", "SameSite=Strict, and another site sent the browser here")
        return
    mode = "SameSite=Lax" if cookie.same_site else "no SameSite, which is Lax"
    # Chrome alone lets a fresh cookie without the attribute go with a POST for two minutes; Firefox and Safari take
    # no SameSite for None
    sure = bool(cookie.same_site)
    if going.frame or not going.document:
        yield Lost("SameSite", f"{mode}, and this is asked for within another site's page", sure)
    elif going.method not in SAFE:
        yield Lost("SameSite", f"{mode}, and another site posts here", sure)
