"""What stands in an entry before its client resolves it: which part is a reference, and which is text.

Each client has a syntax of its own, so it reads its entry itself, with a mark in the place of every variable's value;
what comes out is taken apart at the marks.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a variable; one of another form (``input:ID``) is something that the client asks for."""

    name: str

    @property
    def asked(self) -> bool:
        """Whether it is no variable of the environment."""
        return not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.name)


class Marks(Mapping[str, str]):
    """An environment in which every variable is set, to a mark; but for those (``without``) whose default a client is
    to use. A mark is made of letters and digits, so that no client and no address changes it."""

    def __init__(self, known: Iterable[str] = (), without: Iterable[str] = ()) -> None:
        self._nonce = f"q{secrets.token_hex(8)}v"
        self._without = frozenset(without)
        self._names: list[str] = []
        for name in known:
            self.get(name)

    def __getitem__(self, name: str) -> str:
        if name in self._without:
            raise KeyError(name)
        if name not in self._names:
            self._names.append(name)
        return f"{self._nonce}{self._names.index(name)}z"

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._names))

    def __len__(self) -> int:
        return len(self._names)

    def parts(self, text: str) -> tuple[str | Ref, ...]:
        """The text taken apart; an empty one has no part."""
        out: list[str | Ref] = []
        for number, piece in enumerate(re.split(rf"{self._nonce}(\d+)z", text)):
            if number % 2:
                out.append(Ref(self._names[int(piece)]))
            elif piece:
                out.append(piece)
        return tuple(out)


def filled(parts: tuple[str | Ref, ...], environ: Mapping[str, str]) -> str | None:
    """The text as it is now; None where a variable is not set, or only the client knows it."""
    known = [p if isinstance(p, str) else environ.get(p.name) for p in parts]
    return None if any(k is None for k in known) else "".join(k or "" for k in known)
