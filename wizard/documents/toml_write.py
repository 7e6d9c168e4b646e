"""Plain values as TOML text, in the form that a person would write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_WIDTH: Final = 100


def name(text: str) -> str:
    """A name as a key: bare where TOML allows it."""
    return text if _BARE.fullmatch(text) else _string(text)


def dotted(path: tuple[str, ...]) -> str:
    """A path of names as one key."""
    return ".".join(map(name, path))


def inline(value: object) -> str:
    """A value on one line.

    Raises:
        ValueError: TOML has no form for it (nothing at all, half a character); the value is not in the message.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _string(value)
        case int() | float():
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(inline, value))}]"
        case dict():
            return (
                f"{{ {', '.join(f'{name(k)} = {inline(v)}' for k, v in value.items())} }}" if value else "{}"
            )
    raise ValueError(f"no form for {type(value).__name__}")


def table(path: tuple[str, ...], value: Mapping[str, Any], eol: str, *, array: bool = False) -> str:
    """A table with its header, and those within that are too long for one line; no line end after the last."""
    return eol.join(_lines(path, value, eol, array))


def _lines(path: tuple[str, ...], value: Mapping[str, Any], eol: str, array: bool) -> Iterator[str]:
    yield f"[[{dotted(path)}]]" if array else f"[{dotted(path)}]"
    apart = {}
    for key, member in value.items():
        line = f"{name(key)} = {inline(member)}"
        if len(line) <= _WIDTH or not member or not isinstance(member, list | dict):
            yield line
        elif isinstance(member, list):
            yield eol.join([f"{name(key)} = [", *(f"  {inline(item)}," for item in member), "]"])
        else:
            apart[key] = member
    for key, member in apart.items():
        yield ""
        yield from _lines((*path, key), member, eol, array=False)


def _string(text: str) -> str:
    text.encode()
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
