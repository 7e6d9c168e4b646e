"""Runs of characters that stand in a known text as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def _none(run: str) -> bool:  # noqa: ARG001  # as any other
    return False


class Runs:
    """Knows texts, and finds in others what ``length`` characters in a row have in common with one of them. A run that
    is ``excepted`` counts as unknown.

    Of a known text only every so many pieces of half that length are indexed, so that each run holds one of them: to
    know a text and to look through another one costs little. Where a piece is met, the whole run is compared.
    """

    def __init__(self, length: int, excepted: Callable[[str], bool] = _none) -> None:
        self._length = length
        self._excepted = excepted
        self._piece = length // 2
        self._index: dict[str, list[tuple[str, int]]] = {}
        self._texts: list[str] = []

    def know(self, text: str) -> None:
        """Remember a text."""
        if len(text) < self._length or any(text in known for known in self._texts):
            return
        self._texts.append(text)
        size, step = self._piece, self._length - self._piece + 1
        for at in range(0, len(text) - size + 1, step):
            self._index.setdefault(text[at : at + size], []).append((text, at))

    def stretches(self, text: str) -> Iterator[tuple[int, int]]:
        """From where to where (exclusive) each run of one known text after the other covers a text, in order; stretches
        of which one begins within the other do not come."""
        size, index = self._piece, self._index
        if not index:
            return
        hits = [at for at in range(len(text) - size + 1) if text[at : at + size] in index]
        done = 0
        for hit in hits:
            for at in range(max(done, hit - (self._length - size)), hit + 1):
                if at < done:
                    continue
                end = at
                while self._knows(text, end):
                    end += 1
                done = at + 1
                if end > at:
                    done = end + self._length - 1
                    yield at, done

    def _knows(self, text: str, at: int) -> bool:
        run = text[at : at + self._length]
        if len(run) < self._length:
            return False
        for shift in range(self._length - self._piece + 1):
            for known, place in self._index.get(run[shift : shift + self._piece], ()):
                if place >= shift and known.startswith(run, place - shift):
                    return not self._excepted(run)
        return False
