"""Looking into a JWT without trusting it: no signature is checked, and nothing but the standard library is used."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NoReturn

_PART: Final = re.compile(r"[A-Za-z0-9_-]+")
_LARGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Peek:
    """What stands in a JWT, as its issuer wrote it; ``header`` has an ``alg``."""

    header: Mapping[str, object]
    claims: Mapping[str, object]

    def time(self, claim: str) -> float | None:
        """A time claim (``exp``, ``nbf``, ``iat``) in seconds since 1970, if it is a number that can be one."""
        value = self.claims.get(claim)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            seconds = float(value)
        except OverflowError:
            return None
        return seconds if math.isfinite(seconds) else None

    def text(self, claim: str) -> str:
        """A claim that is a text; empty otherwise."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) else ""


def peek(text: str) -> Peek | None:
    """Header and claims of a signed JWT (RFC 7519, compact form); None for anything else. Never raises."""
    if len(text) > _LARGEST:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts[:2]):
        return None
    if parts[2] and not _PART.fullmatch(parts[2]):
        return None
    header, claims = _object(parts[0]), _object(parts[1])
    if header is None or claims is None or not isinstance(header.get("alg"), str):
        return None
    return Peek(MappingProxyType(header), MappingProxyType(claims))


def sealed(text: str) -> Mapping[str, object] | None:
    """The header of an encrypted JWT (JWE, RFC 7516 section 3.1, compact form), all of it that can be read without the
    recipient's key; None for anything else. Never raises."""
    if len(text) > _LARGEST:
        return None
    parts = text.split(".")
    if (
        len(parts) != 5
        or not _PART.fullmatch(parts[0])
        or any(p and not _PART.fullmatch(p) for p in parts[1:])
    ):
        return None
    header = _object(parts[0])
    if header is None or not all(isinstance(header.get(name), str) for name in ("alg", "enc")):
        return None
    return MappingProxyType(header)


def _object(part: str) -> dict[str, object] | None:
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        found = json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
