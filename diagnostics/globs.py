"""The patterns of an ignore file, matched in time that grows with their length alone: whoever made a repository chose
them, and may have meant to keep us busy. Source: gitignore(5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

_SET: Final = re.compile(r"\[([!^]?)(\]?[^\]]*)\]")
_STAR, _FOLDERS, _WITHIN, _REST = "*", "**/", "", "/**"

_Step = str | Callable[[str], object]


class Glob:
    """One pattern over a whole relative name. Raises: re.error for a set that is none."""

    def __init__(self, pattern: str, *, anchored: bool) -> None:
        self._steps = [*((_FOLDERS, _WITHIN) if not anchored else ()), *_steps(pattern)]

    def matches(self, name: str) -> bool:
        """Whether the whole name fits."""
        at = self._open({0})
        for c in name:
            at = self._open({n for place in at for n in self._next(place, c)})
            if not at:
                return False
        return len(self._steps) in at

    def _next(self, place: int, c: str) -> Iterator[int]:
        """The places after this character."""
        step = self._steps[place] if place < len(self._steps) else _FOLDERS
        if step == _STAR and c != "/":
            yield place
        elif step == _WITHIN:
            yield place
            if c == "/":
                yield place + 1
        elif step == _REST:
            yield from (place, place + 1)
        elif not isinstance(step, str) and step(c):
            yield place + 1

    def _open(self, places: set[int]) -> set[int]:
        """With those that are reached without a character."""
        found = set(places)
        left = list(places)
        while left:
            place = left.pop()
            step = self._steps[place] if place < len(self._steps) else None
            more = {place + 1} if step == _STAR else {place + 1, place + 2} if step == _FOLDERS else set()
            left += more - found
            found |= more
        return found


def _steps(glob: str) -> Iterator[_Step]:
    at = 0
    while at < len(glob):
        rest = glob[at:]
        begins = at == 0 or glob[at - 1] == "/"
        if begins and rest.startswith("**/"):
            yield from (_FOLDERS, _WITHIN)
            at += 3
        elif begins and rest == "**":
            yield _REST
            at += 2
        elif rest[0] == "*":
            yield _STAR
            at += len(rest) - len(rest.lstrip("*"))
        elif rest[0] == "?":
            yield lambda c: c != "/"
            at += 1
        elif rest[0] == "[" and (found := _SET.match(rest)):
            yield _of_set(found)
            at += len(found[0])
        else:
            escaped = rest[0] == "\\" and len(rest) > 1
            yield rest[1 if escaped else 0].__eq__
            at += 2 if escaped else 1


def _of_set(found: re.Match[str]) -> Callable[[str], object]:
    inner = found[2].replace("\\", "\\\\").replace("[", "\\[")
    one = re.compile(f"[{'^' if found[1] else ''}{inner}]", re.S)
    return lambda c: c != "/" and one.match(c)
