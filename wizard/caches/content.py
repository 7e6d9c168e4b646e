"""What stands in a cache file: where the logins in it are, and what each of them says. Pure.

Programs write them each in its own way. The names looked for are those of an answer of a token endpoint (RFC 6749,
section 5.1), of client metadata (RFC 7591, section 3.2.1) and of a JWT's claims (RFC 7519, section 4.1), in the
spellings that programs use.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Final

from wizard import jwt

Pointer = tuple[str, ...]

_TOKENS: Final = ("access_token", "accessToken", "id_token", "refresh_token", "refreshToken", "token")
_REFRESH: Final = ("refresh_token", "refreshToken")
_EXPIRES: Final = ("expires_at", "expiresAt", "expires_on", "expires", "expiry", "exp")
_ISSUER: Final = ("issuer", "iss", "authorizationServerUrl")
_DOMAIN: Final = ("domain", "sso_domain")
_SERVER: Final = ("api_url", "server_url", "serverUrl", "mcpServerUrl", "url", "resource", "server")
_CLIENT: Final = ("client_id", "clientId")
_SCOPES: Final = ("scopes", "scope")
_BEGAN: Final = ("lastAuthenticatedAt", "token_received_at")
"""When ``expires_in`` began, where that is said; else it is when the file was written."""
_DEEP: Final = 6
_MOST: Final = 200
_EARLIEST, _LATEST = 1e9, 1e11
"""Seconds since 1970 between 2001 and 5138: an expiry beyond is no such number, or one in milliseconds."""
_DIFFERENT: Final = 300.0


@dataclass(frozen=True, slots=True)
class Login:
    """What one login says. ``odd`` tells why its expiry is not to be believed; empty where it is."""

    token: bool = False
    refreshes: bool = False
    expires: float | None = None
    odd: str = ""
    issuer: str = ""
    domain: str = ""
    server: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ()


def parsed(content: bytes) -> object:
    """The JSON of a file. Raises: ValueError with where it ends to be JSON; nothing of it is quoted."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(f"byte {problem.start + 1} is no UTF-8") from None
    if not text.strip():
        raise ValueError("it is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        raise ValueError(f"{problem.msg}, in line {problem.lineno}") from None
    except RecursionError:
        raise ValueError("it is nested without end") from None


def logins(value: object, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Mapping[str, object]]]:
    """Every object that holds a token, with the keys that lead to it; what is within one is its own."""
    if not isinstance(value, Mapping) or len(pointer) > _DEEP:
        return
    if any(isinstance(value.get(name), str) and value[name] for name in _TOKENS):
        yield pointer, value
        return
    for key, inner in value.items():
        yield from logins(inner, (*pointer, str(key)))


def placed(value: object, at: Pointer, named: str = "") -> Iterator[tuple[Pointer, Mapping[str, object]]]:
    """Every object to which the keys ``at`` lead, with its own keys, flattened: what is deeper in it stands beside
    what it says itself, and so does the server's address of the object around it. ``named`` as in `TokenCache`."""
    yield from _placed(value, at, named, (), {})


def _placed(
    value: object, at: Pointer, named: str, pointer: Pointer, around: Mapping[str, object]
) -> Iterator[tuple[Pointer, Mapping[str, object]]]:
    if not at:
        if isinstance(value, Mapping):
            yield pointer, {**around, **flat(value)}
        return
    first, *rest = at
    inside: Mapping[str, object] = {}
    if isinstance(value, Mapping):
        inside = value
    elif isinstance(value, list) and named:
        inside = {str(e[named]): e for e in value if isinstance(e, Mapping) and named in e}
    said = {n: v for n, v in flat(inside, 2).items() if n in _SERVER} if pointer else {}
    for key, inner in inside.items():
        if fnmatchcase(str(key), first):
            yield from _placed(inner, tuple(rest), named, (*pointer, str(key)), said)


def flat(value: Mapping[str, object], deep: int = _DEEP) -> dict[str, object]:
    """The texts, numbers and lists in an object and in those within it; the outer one counts."""
    found: dict[str, object] = {str(k): v for k, v in value.items() if not isinstance(v, Mapping)}
    for inner in value.values():
        if isinstance(inner, Mapping) and deep > 1:
            found = {**flat(inner, deep - 1), **found}
    return found


def told(found: Mapping[str, object], unit: str, written: float | None) -> Login:
    """What an object says; ``unit`` is that of its times, ``written`` when the file was."""
    peek = _peek(found)
    expires, odd = _expires(found, unit, written)
    said = peek.time("exp") if peek else None
    if not odd and expires is not None and said is not None and abs(said - expires) > _DIFFERENT:
        odd = "the time kept beside the token is another than the one in it"
    return Login(
        token=any(isinstance(found.get(n), str) and found[n] for n in _TOKENS),
        refreshes=any(isinstance(found.get(n), str) and found[n] for n in _REFRESH),
        expires=expires if expires is not None or odd else said,
        odd=odd,
        issuer=_text(found, _ISSUER) or (plain(peek.text("iss")) if peek else ""),
        domain=_text(found, _DOMAIN).lower(),
        server=_text(found, _SERVER),
        client_id=_text(found, _CLIENT),
        scopes=_scopes(found),
    )


def plain(text: str) -> str:
    """A text of another program as it can be shown: one line, no control character, not too long."""
    return "".join(c for c in text[:_MOST] if c.isprintable())


def _peek(found: Mapping[str, object]) -> jwt.Peek | None:
    for name in _TOKENS:
        token = found.get(name)
        if isinstance(token, str) and name not in _REFRESH and (found_in := jwt.peek(token)) is not None:
            return found_in
    return None


def _expires(found: Mapping[str, object], unit: str, written: float | None) -> tuple[float | None, str]:
    """The end, and why what stands there is none."""
    name = next((n for n in _EXPIRES if found.get(n) is not None), "")
    if not name:
        lasts = found.get("expires_in")
        written = next((_seconds(number(at)) for n in _BEGAN if isinstance(at := found.get(n), int)), written)
        if isinstance(lasts, int | float) and not isinstance(lasts, bool) and written is not None:
            ends = written + number(lasts)
            return (ends, "") if math.isfinite(ends) else (None, "`expires_in` is no number")
        return None, ""
    value = found[name]
    if isinstance(value, str):
        return _from_text(name, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, f"`{name}` is no time"
    moment = number(value)
    moment /= 1000 if unit == "ms" or (unit == "either" and moment > _LATEST) else 1
    if not math.isfinite(moment):
        return None, f"`{name}` is no number"
    if not _EARLIEST <= moment <= _LATEST:
        way = "milliseconds" if unit == "s" and moment > _LATEST else "another unit"
        return (
            None,
            f"`{name}` is no time in {'seconds' if unit == 's' else 'milliseconds'}: it looks like {way}",
        )
    return moment, ""


def number(value: float) -> float:
    """A number of another program; one beyond all measure is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _seconds(moment: float) -> float:
    return moment / 1000 if moment > _LATEST else moment


def _from_text(name: str, value: str) -> tuple[float | None, str]:
    try:
        moment = datetime.fromisoformat(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.timestamp(), ""
    except (ValueError, OverflowError, OSError):
        return None, f"`{name}` is no time"


def _text(found: Mapping[str, object], names: tuple[str, ...]) -> str:
    return next((plain(v) for n in names if isinstance(v := found.get(n), str) and v), "")


def _scopes(found: Mapping[str, object]) -> tuple[str, ...]:
    value = next((found[n] for n in _SCOPES if found.get(n)), ())
    words = value.split() if isinstance(value, str) else value
    return tuple(plain(w) for w in words if isinstance(w, str)) if isinstance(words, list | tuple) else ()
