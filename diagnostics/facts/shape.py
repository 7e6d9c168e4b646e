"""The fact about a credential's length and inner shape, told without the credential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenShape:
    """``length`` in characters. ``flaw`` says what a JWT lacks of what its own header promises; ``cut`` which known
    limit the length is equal to. Both are empty where there is nothing to say. ``parts`` are those between its dots."""

    length: int
    flaw: str = ""
    cut: str = ""
    parts: int = 1

    def seen(self) -> str:
        """The length, and what is odd about it."""
        return f"{self.length:,} characters" + (f": {self.flaw or self.cut}" if self.flaw or self.cut else "")


@dataclass(frozen=True, slots=True)
class Sealed:
    """The header of a token that is encrypted (JWE); its claims are for its recipient alone."""

    header: Mapping[str, object]

    def seen(self) -> str:
        """How it is encrypted."""
        return f"an encrypted JWT (alg {self.header.get('alg')}, enc {self.header.get('enc')})"


@dataclass(frozen=True, slots=True)
class OtherForm:
    """What the server says to a made-up JWT, where the credential is none: who looks into it reads JWTs."""

    says: str
    status: int | None
    alike: bool

    def seen(self) -> str:
        """Whether it is told apart from what is no JWT."""
        return "a made-up JWT is answered alike" if self.alike else f"a made-up JWT is answered: {self.says}"
