"""Facts about for whom a token may be."""

from __future__ import annotations

from dataclasses import dataclass

REFUSAL = "the server's refusal"
YOU = "you"
METADATA = "the server's metadata"
SCOPES = "the scopes in the server's metadata"


@dataclass(frozen=True, slots=True)
class Audiences:
    """Which audience the server takes, as far as anybody says: each with who says so (this module's names). ``about``
    is True where the refusal speaks of the audience. ``provider`` is who made the token, by its issuer, ``title`` its
    name; ``clicks`` is where its admin sets the audience."""

    named: tuple[tuple[str, str], ...] = ()
    about: bool = False
    provider: str = ""
    title: str = ""
    clicks: tuple[str, ...] = ()

    @property
    def decisive(self) -> tuple[tuple[str, str], ...]:
        """Those of whoever knows best: the refusal, then the person, then the metadata."""
        for who in (REFUSAL, YOU):
            found = tuple(n for n in self.named if n[0] == who)
            if found:
                return found
        return self.named

    def seen(self) -> str:
        """The audiences."""
        return ", ".join(dict.fromkeys(value for _, value in self.named)) or "nobody names an audience"
