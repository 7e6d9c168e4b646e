"""Facts about the redirect URI of a login: which one is refused, and which of its neighbours is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

HOST: Final = "host"
PORT: Final = "port"
PATH: Final = "path"


@dataclass(frozen=True, slots=True)
class RedirectTried:
    """Another redirect URI in an otherwise equal request. ``status`` is None where no answer came."""

    uri: str
    status: int | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class RedirectsTried:
    """A login that its issuer refuses for the redirect URI ``sent``, and the same with others; ``endpoint`` is the
    address without its parameters, ``status`` how the one that was sent is answered."""

    endpoint: str
    sent: str
    status: int
    tried: tuple[RedirectTried, ...]

    @property
    def accepted(self) -> RedirectTried | None:
        """The first that is accepted, of those that differ least."""
        good = [t for t in self.tried if t.accepted]
        return min(good, key=lambda t: len(self.differs(t)), default=None)

    def differs(self, other: RedirectTried) -> tuple[str, ...]:
        """What is not the same: `HOST`, `PORT`, `PATH`."""
        one, two = urlsplit(self.sent), urlsplit(other.uri)
        parts = (
            (HOST, one.hostname, two.hostname),
            (PORT, _port(one), _port(two)),
            (PATH, one.path, two.path),
        )
        return tuple(name for name, mine, theirs in parts if mine != theirs)

    def first(self, what: str) -> RedirectTried | None:
        """The one that is accepted, where this is what comes first of what differs."""
        found = self.accepted
        return found if found is not None and self.differs(found)[:1] == (what,) else None

    def seen(self) -> str:
        """Which is accepted."""
        found = self.accepted
        return f"{found.uri} is accepted" if found else f"none of {len(self.tried)} others is accepted"


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None
