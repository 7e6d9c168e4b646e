"""The pieces that a recording is made of, whatever stands in their place. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

HEADERS: Final = 300
COOKIES: Final = 200


def fields(side: Mapping[str, Any]) -> dict[str, list[str]]:
    """The header fields of a request or answer by their names in small letters."""
    found: dict[str, list[str]] = {}
    rows = side.get("headers")
    for row in rows[:HEADERS] if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            found.setdefault(row["name"].strip().lower(), []).append(text_of(row.get("value"), 100_000))
    return found


def set_texts(answered: Mapping[str, Any], told: Mapping[str, list[str]]) -> list[str]:
    """The ``Set-Cookie`` headers, several of which Chrome joins by line feeds; else the list beside them."""
    texts = [line for value in told.get("set-cookie", ()) for line in value.splitlines() if line.strip()]
    if texts:
        return texts
    made = []
    for row in rows(answered.get("cookies")):
        name, value = text_of(row.get("name"), 4096), text_of(row.get("value"), 10_000)
        text = f"{name}={value}"
        for key, word in (("path", "Path"), ("domain", "Domain"), ("sameSite", "SameSite")):
            text += f"; {word}={given}" if (given := text_of(row.get(key), 300)) else ""
        made.append(text + ("; Secure" if row.get("secure") is True else ""))
    return made


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; none of what is no list."""
    return [r for r in value[:COOKIES] if isinstance(r, dict)] if isinstance(value, list) else []


def table(value: object) -> Mapping[str, Any]:
    """An object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def first(headers: Mapping[str, list[str]], name: str) -> str:
    """The first field of a name; empty where there is none."""
    found = headers.get(name)
    return found[0] if found else ""


def text_of(value: object, most: int) -> str:
    """A text's beginning; empty in place of anything else."""
    return value[:most] if isinstance(value, str) else ""
