"""A value in disguise: in other capitals, backwards, as hex, or its characters as escapes of an address, JSON or HTML.

A server that quotes what it was sent may have normalised or escaped it; what it quotes is the secret all the same.
"""

from __future__ import annotations

import re
from typing import Final

from .runs import Runs
from .secret import MASK

_ESCAPE: Final = re.compile(
    r"%([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|&#[xX]0*([0-9A-Fa-f]{1,5});|&#0*([0-9]{1,6});"
    r"|\\([\"'/\\])"
)
_ROUNDS: Final = 3
"""An escape may itself be escaped: ``%252F``."""


class Disguised:
    """Knows values, and hides them in a text. ``run`` characters in a row are taken for a value where a digit is among
    them, else ``plain`` of them, or the whole value."""

    def __init__(self, run: int, plain: int) -> None:
        self._run, self._plain = run, plain
        self._runs = Runs(run)
        self._whole: set[str] = set()

    def know(self, value: str) -> None:
        """Remember a value."""
        for form in (_folded(value), _folded(value[::-1]), value.encode("utf-8", "surrogatepass").hex()):
            if len(form) >= self._run:
                self._whole.add(form)
                self._runs.know(form)

    def hidden(self, text: str) -> str:
        """The text without what is known, however it is written."""
        if not self._whole or len(text) < self._run:
            return text
        seen, places = _without_escapes(text)
        seen = _folded(seen)
        out, kept = [], 0
        for at, end in self._runs.stretches(seen):
            run = seen[at:end]
            if len(run) >= self._plain or run in self._whole or any(c.isdigit() for c in run):
                out += [text[kept : places[at]], MASK]
                kept = places[end]
        return "".join([*out, text[kept:]])


def _folded(text: str) -> str:
    """In small letters, each character in its place."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def _without_escapes(text: str) -> tuple[str, list[int]]:
    """The text with its escapes replaced, and where each of its characters begins in the text as it was (and, last,
    where that ends)."""
    places = list(range(len(text) + 1))
    for _ in range(_ROUNDS):
        out: list[str] = []
        at: list[int] = []
        last = 0
        for found in _ESCAPE.finditer(text):
            out += [text[last : found.start()], _character(found)]
            at += [*places[last : found.start()], places[found.start()]]
            last = found.end()
        if not last:
            break
        text, places = "".join([*out, text[last:]]), [*at, *places[last:]]
    return text, places


def _character(found: re.Match[str]) -> str:
    hexadecimal = found[1] or found[2] or found[3] or found[4]
    if found[6]:
        return found[6]
    code = int(hexadecimal, 16) if hexadecimal else int(found[5])
    return chr(code) if 0 < code < 0x110000 else "\N{REPLACEMENT CHARACTER}"
