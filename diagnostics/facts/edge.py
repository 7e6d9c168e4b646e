"""Facts of what answers before the server does, and of one request put again with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass

from .. import edge
from .wire import Answer, Differential

USER_AGENT = "User-Agent"
HOST = "Host"
ORIGIN = "Origin"
ACCEPT = "Accept"
SLASH = "the other slash"
LENGTH = "the credential's length"
SCHEME_CASE = "the scheme's letters"
ALONE = "one credential alone"
NAME = "the header's name"
WAY = "the way of sending it"


@dataclass(frozen=True, slots=True)
class Change:
    """``field`` is what was changed, one of the names above; ``value`` what it was changed to, fit to show."""

    field: str
    value: str
    answer: Answer

    def seen(self) -> str:
        """The change and its answer."""
        return f"with {self.field} {self.value}: {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class OneChanged:
    """The same request, each time with one thing changed."""

    changes: tuple[Change, ...]

    def of(self, field: str) -> tuple[Change, ...]:
        """The changes of one field."""
        return tuple(c for c in self.changes if c.field == field)

    def seen(self) -> str:
        """Each change."""
        return "; ".join(c.seen() for c in self.changes)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What an address without a meaning at the same origin answers, and its root."""

    url: str
    answer: Answer
    root: Answer

    def alike(self, judged: Answer) -> bool:
        """Whether both are answered as the address asked is: by the same edge, in the same words."""
        said = (judged.status, judged.page, edge.name_of(judged))
        return all((a.status, a.page, edge.name_of(a)) == said for a in (self.answer, self.root))

    def seen(self) -> str:
        """The answers."""
        return f"{self.url} answers {self.answer.seen()}, the root {self.root.seen()}"


@dataclass(frozen=True, slots=True)
class Redirected:
    """Where a redirect leads that no client follows with its credential. ``own`` is True where that is the target's own
    host: then it was asked at the target's own origin with the credential, else there and without one."""

    url: str
    own: bool
    answer: Answer

    def seen(self) -> str:
        """What it answers."""
        return f"{self.url} answers {self.answer.seen()}"


@dataclass(frozen=True, slots=True)
class Again:
    """The same request with the same credential, several times at once."""

    answers: tuple[Answer, ...]

    def seen(self) -> str:
        """The answers' statuses."""
        return ", ".join(a.seen() for a in self.answers)


@dataclass(frozen=True, slots=True)
class FollowUps:
    """What follows `initialize`: the answer to that, those to `ping` within the session that it opened (none where it
    opened none), the one to `tools/list`. ``refused`` are the three answers to `tools/list` where the credential is
    refused there."""

    opened: Answer
    answers: tuple[Answer, ...]
    listed: Answer | None = None
    refused: Differential | None = None

    def seen(self) -> str:
        """What followed."""
        pings = ", ".join(a.seen() for a in self.answers)
        listed = f"tools/list {self.listed.seen()}" if self.listed else ""
        return ", ".join(filter(None, (f"opened {self.opened.seen()}", pings and f"then {pings}", listed)))


@dataclass(frozen=True, slots=True)
class Preflight:
    """A browser's question before it sends a request from another origin (Fetch standard, CORS-preflight)."""

    origin: str
    answer: Answer

    def seen(self) -> str:
        """The answer, and whom it allows."""
        allowed = self.answer.marks.get("access-control-allow-origin", "nobody")
        return f"OPTIONS from {self.origin}: {self.answer.seen()}, allows {allowed}"


@dataclass(frozen=True, slots=True)
class Running:
    """When the server was started, in seconds since 1970, as ``url`` tells."""

    since: float
    url: str

    def seen(self) -> str:
        """The moment."""
        from ..words import moment

        return f"{self.url} says that the server runs since {moment(self.since)}"
