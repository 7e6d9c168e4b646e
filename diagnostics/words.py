"""Times and numbers in words."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.exchange import Headers


def number(value: object) -> float | None:
    """A finite number, as a time claim must be; None for anything else (a truth value, a text, NaN)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def date_of(text: str | None) -> float | None:
    """A Date header (RFC 9110 section 5.6.7) in seconds since 1970; None for what is none."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None


def dated(headers: Headers) -> float | None:
    """When an answer left its server, by that server's clock, in seconds since 1970: its Date, and how long a cache has
    kept it (RFC 9111 section 5.1). None where it has no Date."""
    date, age = date_of(headers.get("date")), headers.get("age") or ""
    return None if date is None else date + (int(age) if re.fullmatch("[0-9]{1,9}", age) else 0)


def iso(seconds: float | None) -> str | None:
    """UTC, ``2026-11-21T14:35:07Z``; None for what is no time of this calendar."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def moment(seconds: float) -> str:
    """A time for people: ``2026-11-21 14:35:07 UTC``."""
    found = iso(seconds)
    return found.replace("T", " ").replace("Z", " UTC") if found else "a time beyond the calendar"
