"""The fact about a credential's length and inner shape, told without the credential."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenShape:
    """``length`` in characters. ``flaw`` says what a JWT lacks of what its own header promises; ``cut`` which known
    limit the length is equal to. Both are empty where there is nothing to say."""

    length: int
    flaw: str = ""
    cut: str = ""

    def seen(self) -> str:
        """The length, and what is odd about it."""
        return f"{self.length:,} characters" + (f": {self.flaw or self.cut}" if self.flaw or self.cut else "")
