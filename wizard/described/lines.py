"""On which line of a TOML text a value stands.

``tomllib`` tells lines of syntax errors only. This scan reads no values: it follows table headers and keys, which
is enough to name a line that a person can go to. What it cannot place exactly (a value inside an inline table) it
places at the key it belongs to.
"""

from __future__ import annotations

import re
from typing import Final

Path = tuple[str | int, ...]

_TABLE: Final = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_\-.\s])+?)\s*=""")
_PART: Final = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(?:\.|$)""")
_FENCE: Final = re.compile(r'"""|\'\'\'')
_STRINGS: Final = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|#.*""")

_FAR: Final = 400
"""No key begins farther right; the scan stays quick on a line without end."""


class Lines:
    """The lines of one text, by path: ``("methods", 1, "fields", 0, "id")``."""

    def __init__(self, text: str) -> None:
        self._text = text.splitlines()
        self._found: dict[Path, int] | None = None

    def of(self, path: Path, value: str | None = None) -> int:
        """The line of what stands at a path, or of the nearest thing around it; 1 when nothing is known.

        ``value`` narrows it to the line that holds this text, in a list that goes over several lines.
        """
        if self._found is None:
            self._found = _scan(self._text)
        while path and path not in self._found:
            path = path[:-1]
        line = self._found.get(path, 1)
        if value is not None:
            ends = min((n for n in self._found.values() if n > line), default=len(self._text) + 1)
            written = (f'"{value}"', f"'{value}'")
            for number in range(line, ends):
                if any(form in self._text[number - 1] for form in written):
                    return number
        return line


def _scan(text: list[str]) -> dict[Path, int]:
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    fence = ""
    depth = 0
    for number, line in enumerate(text, start=1):
        if fence:
            if line.count(fence) % 2:
                fence = ""
            continue
        if depth == 0:
            start = line[:_FAR]
            if header := _TABLE.match(start):
                table = _header(header[2], header[1] == "[[", counts)
                found.setdefault(table, number)
                if header[1] == "[[":
                    found.setdefault(table[:-1], number)
                continue
            if key := _KEY.match(start):
                path = table + _parts(key[1])
                found.setdefault(path, number)
                line = line[key.end() :]  # noqa: PLW2901  # only the value is looked at from here
        opened = _FENCE.search(line)
        if opened and line.count(opened[0]) % 2:
            fence = opened[0]
            continue
        bare = _STRINGS.sub("", line)
        depth = max(0, depth + sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}"))
    return found


def _header(name: str, listed: bool, counts: dict[Path, int]) -> Path:
    """The path of a table header; each part that is a list of tables stands at its newest one."""
    parts = _parts(name)
    path: Path = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, *parts[-1:])
    if listed:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def _parts(text: str) -> tuple[str, ...]:
    return tuple(m[1] or m[2] or m[3] or "" for m in _PART.finditer(text))
