"""Lengths of time, for people."""

from __future__ import annotations

_UNITS = ((86_400, "day"), (3600, "h"), (60, "min"), (1, "s"))


def span(seconds: float) -> str:
    """Its largest unit and the one below it: ``4 min 12 s``, ``3 days 2 h``; ``2 h`` for two hours and a second."""
    left, parts = int(abs(seconds)), list[str]()
    for size, name in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(_counted(count, name))
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "less than 1 s"


def ago(seconds: float) -> str:
    """``4 min 12 s ago``."""
    return f"{span(seconds)} ago"


def roughly(seconds: float) -> str:
    """Its largest unit alone: ``2 h``."""
    for size, name in _UNITS:
        if seconds >= size:
            return _counted(int(seconds // size), name)
    return "less than 1 s"


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'s' if name == 'day' and count != 1 else ''}"
