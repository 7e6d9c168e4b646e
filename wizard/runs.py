"""Runs of characters that stand in a known text as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

_BETWEEN: Final = "\U0010ffff"
"""A noncharacter (Unicode 23.7): nothing runs over it from one text into the next."""


def _none(run: str) -> bool:  # noqa: ARG001  # as any other
    return False


class Runs:
    """Knows texts, and finds in others what ``length`` characters in a row have in common with one of them. A run that
    is ``excepted`` counts as unknown.

    Of a known text only every so many pieces of half that length are indexed, so that each run holds one of them: to
    know a text and to look through another one costs little. What is found is then looked up as a whole.
    """

    def __init__(self, length: int, excepted: Callable[[str], bool] = _none) -> None:
        self._length = length
        self._excepted = excepted
        self._piece = length // 2
        self._texts = ""
        self._index: set[str] = set()

    def know(self, text: str) -> None:
        """Remember a text."""
        if len(text) < self._length or text in self._texts:
            return
        self._texts += _BETWEEN + text
        size, step = self._piece, self._length - self._piece + 1
        self._index |= {text[at : at + size] for at in range(0, len(text) - size + 1, step)}

    def stretches(self, text: str) -> Iterator[tuple[int, int]]:
        """From where to where (exclusive) each run of one known text after the other covers a text, in order; stretches
        of which one begins within the other do not come."""
        size, index = self._piece, self._index
        if not index:
            return
        hits = [at for at in range(len(text) - size + 1) if text[at : at + size] in index]
        known: dict[str, bool] = {}
        done = 0
        for hit in hits:
            for at in range(max(done, hit - (self._length - size)), hit + 1):
                if at < done:
                    continue
                end = at
                while self._knows(text[end : end + self._length], known):
                    end += 1
                done = at + 1
                if end > at:
                    done = end + self._length - 1
                    yield at, done

    def _knows(self, run: str, known: dict[str, bool]) -> bool:
        if run not in known:
            known[run] = len(run) == self._length and run in self._texts and not self._excepted(run)
        return known[run]
