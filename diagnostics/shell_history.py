"""Secrets that stand in the history of a shell: in which file and line, and never the text.

Source: attack.mitre.org/techniques/T1552/003 (Unsecured Credentials: Shell History).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard import prefixes
from wizard.redaction import is_telling
from wizard.secret import Secret

_FILES: Final = (
    ".bash_history",
    ".zsh_history",
    ".zhistory",
    ".histfile",
    ".ash_history",
    ".local/share/fish/fish_history",
    ".local/share/powershell/PSReadLine/ConsoleHost_history.txt",
)
_LARGEST: Final = 20_000_000
_SHORTEST: Final = 12
_MOST: Final = 20
_BEGINS: Final = "|".join(re.escape(k.begins) for k in prefixes.TABLE if len(k.begins) > 3)
_KNOWN: Final = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_BEGINS})[A-Za-z0-9_\-./]{{16,}}")
_JWT: Final = re.compile(
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"
)
_VARIETY: Final = 10


@dataclass(frozen=True, slots=True)
class Remembered:
    """A line of a history: ``what`` it holds, in words."""

    path: str
    line: int
    what: str


def find(values: Mapping[str, Secret], *, unknown: bool = False) -> tuple[Remembered, ...]:
    """The lines that hold one of these values (by what it is, in words); with ``unknown`` also those that hold what
    only a token looks like."""
    known = {what: v.reveal().strip() for what, v in values.items() if len(v) >= _SHORTEST and is_telling(v)}
    if not known and not unknown:
        return ()
    return tuple(_each(known, unknown=unknown))[:_MOST]


def _each(known: Mapping[str, str], *, unknown: bool) -> Iterator[Remembered]:
    for place in dict.fromkeys(_places()):
        for number, line in enumerate(_lines(place), 1):
            what = next((name for name, value in known.items() if value in line), "")
            if not what and unknown:
                what = _looks_like(line)
            if what:
                yield Remembered(str(place), number, what)


def _looks_like(line: str) -> str:
    found = _KNOWN.search(line)
    # an example is made of few letters: ghp_xxxxxxxx
    if found and len(set(found[0])) >= _VARIETY:
        kind = prefixes.known(found[0])
        return f"{kind.what} ({kind.whose})" if kind else "a token"
    return "a JWT" if _JWT.search(line) else ""


def _places() -> Iterable[Path]:
    try:
        home = Path.home()
    except RuntimeError:
        return
    if own := os.environ.get("HISTFILE"):
        yield Path(own)
    yield from (home / name for name in _FILES)


def _lines(place: Path) -> list[str]:
    try:
        if not place.is_file() or place.stat().st_size > _LARGEST:
            return []
        return place.read_text("utf-8", "replace").split("\n")
    except OSError:
        return []
