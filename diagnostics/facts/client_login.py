"""Facts about the login that an MCP client makes by itself: what it was told, what it remembers, what its log says."""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Answer


@dataclass(frozen=True, slots=True)
class LogLine:
    """The last line of a client's log that speaks of one thing, in its last session, with no success after it.
    ``later`` is whether the log was written after the entry was."""

    place: str
    says: str
    later: bool


@dataclass(frozen=True, slots=True)
class ClientLogin:
    """What a client (``title``) has of a login for its entry ``name``.

    ``client_id`` is the one that stands in the entry. ``asks`` is the file that says that the server needs a login,
    ``discovered`` the authorization server that the client remembers, by the file ``kept``; all may be empty.
    ``registering`` is a line about clients that cannot be registered, ``preflight`` one about a first question that is
    answered 401.
    """

    title: str
    name: str
    client_id: str = ""
    asks: str = ""
    discovered: str = ""
    kept: str = ""
    registering: LogLine | None = None
    preflight: LogLine | None = None

    def seen(self) -> str:
        """What is known."""
        told = [
            f"client id {self.client_id}" if self.client_id else "",
            f"remembers {self.discovered}" if self.discovered else "",
            f"{self.asks} names it" if self.asks else "",
        ]
        return ", ".join(filter(None, told)) or f"{self.title} keeps nothing about a login"


@dataclass(frozen=True, slots=True)
class RootMetadata:
    """What lies where an authorization server's metadata would lie at the server's own origin. ``document`` is whether
    it is such metadata."""

    url: str
    answer: Answer
    document: bool

    def seen(self) -> str:
        """The status, and whether it is metadata."""
        what = "metadata" if self.document else self.answer.content or "nothing"
        return f"{self.url}: {self.answer.seen()}, {what}"
