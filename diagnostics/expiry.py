"""When a credential ends, as a service's answer tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.exchange import Headers
from wizard.services import LiveTest

from .words import number


@dataclass(frozen=True, slots=True)
class Ends:
    """``until`` is in seconds since 1970, None where nothing was told; ``never`` True where the service says so."""

    until: float | None = None
    never: bool = False


def told(headers: Headers, body: Mapping[str, object], live: LiveTest) -> Ends:
    """By the key or the header that the service's document names."""
    if live.expires_at and live.expires_at in body:
        value = body[live.expires_at]
        return Ends(never=True) if value is None else Ends(when(value))
    if live.expires_header:
        return Ends(when(headers.get(live.expires_header)))
    return Ends()


def when(value: object) -> float | None:
    """A time in ISO 8601, in GitHub's form (``2026-12-01 09:00:00 UTC``) or in seconds since 1970."""
    seconds = number(value)
    if seconds is not None or not isinstance(value, str):
        return seconds
    try:
        found = datetime.fromisoformat(
            value.strip().removesuffix(" UTC").replace(" +", "+").replace(" -", "-")
        )
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
