"""Times of a token that are none: a text, or in another unit than seconds (RFC 7519 section 2, NumericDate). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .answers import clean
from .words import number

CLAIMS: Final = ("exp", "nbf", "iat")
_SECONDS: Final = 1e11
"""Past it no token's time in seconds lies (the year 5138); in milliseconds it is a day of 1973."""


def seconds(claims: Mapping[str, object], claim: str) -> float | None:
    """The time of a claim; None where it has none that can be meant."""
    found = number(claims.get(claim))
    return found if found is not None and abs(found) < _SECONDS else None


def unusable(claims: Mapping[str, object]) -> tuple[tuple[str, str, bool], ...]:
    """Each claim that is no time: its name, what is wrong with it, and whether every verifier has to refuse it."""
    found = []
    for claim in CLAIMS:
        value = claims.get(claim)
        if value is None or seconds(claims, claim) is not None:
            continue
        if number(value) is None:
            shown = clean(repr(value) if isinstance(value, str) else str(value), 40)
            found.append((claim, f"`{claim}` is {shown}, and has to be a number of seconds since 1970", True))
        else:
            found.append(
                (claim, f"`{claim}` is {clean(str(value), 40)}: that is milliseconds, not seconds", False)
            )
    return tuple(found)
