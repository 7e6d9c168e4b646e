"""Facts of the wire: what was asked, what was answered, and the same request put in three ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from wizard.challenge import Challenge
from wizard.secret import Secret
from wizard.services import LiveTest

_SPEAKS: Final = re.compile(
    r"auth(?!or\b)|token|api[ _-]?key|credential|log ?in|sign ?in|bearer|session", re.I
)
"""Words about who asks: then a credential may change the answer."""


_QUARRELS: Final = frozenset({"-32700", "-32600", "-32601", "-32602", "-32020", "-32021", "-32022"})
"""JSON-RPC 2.0 section 5.1, and the errors of versions and headers in MCP 2026-07-28."""
_INTERNAL: Final = "-32603"


_WHY: Final = {"header-invalid": "it cannot be sent: HTTP forbids a character of its header"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one request. ``status`` is None where none came, then ``error`` is a transport error's id.

    ``code`` and ``says`` are the error's name and text out of the body; ``rpc`` is True for a JSON-RPC response,
    ``rpc_error`` the error that it holds in place of a result.
    ``date`` is the server's time in seconds since 1970; ``number`` that of the exchange. ``hidden`` is what a refusal
    says that was answered 2xx, ``documented`` whether the service's document says so, ``means`` what it says of this
    one; ``needs`` are the scopes
    that a refusal asks for. ``expires`` is when the credential ends (seconds since 1970), ``endless`` True where the
    service says that it does not. ``location`` is where a redirect leads that was not followed, without its
    parameters, of which ``asks`` are the names; ``moved`` the address that answered after harmless ones. ``login`` is
    True for a page that asks a person to log in. ``marks`` are the header fields that tell who answered
    (`diagnostics.edge`), ``page`` what a text or web page says, ``check`` whose test for a browser it is;
    ``session`` is True where an MCP session was opened. ``waited`` is for how many seconds, where none came.
    """

    status: int | None
    error: str = ""
    challenges: tuple[Challenge, ...] = ()
    content: str = ""
    code: str = ""
    says: str = ""
    rpc: bool = False
    number: int = 0
    date: float | None = None
    retry_after: str = ""
    limits: str = ""
    server: str = ""
    verify_code: int | None = None
    granted: tuple[str, ...] | None = None
    hidden: str = ""
    documented: bool = False
    means: str = ""
    needs: tuple[str, ...] = ()
    expires: float | None = None
    endless: bool = False
    location: str = ""
    asks: tuple[str, ...] = ()
    login: bool = False
    moved: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    check: str = ""
    session: bool = False
    rpc_error: str = ""
    waited: float = 0.0

    @property
    def accepted(self) -> bool:
        """Let in: a success, or a JSON-RPC answer that only quarrels with the message."""
        if self.status is None or self.hidden:
            return False
        return 200 <= self.status < 300 or (self.rpc and self.status in (400, 404))

    @property
    def errs(self) -> bool:
        """Whether an answer that lets in holds a failure of the server's own, and no mere quarrel with the message: of
        another version of the protocol, say, which has no `initialize`."""
        if not self.rpc_error or not self.accepted:
            return False
        own = self.status is not None and self.status < 300 and self.code not in _QUARRELS
        return own or self.code == _INTERNAL

    @property
    def refused(self) -> bool:
        """Turned away for who asks: 401, 403, a 400 that speaks of the Authorization header, a 200 that refuses."""
        if self.status == 400 and not self.rpc:
            told = f"{self.code} {self.says}".lower()
            return bool(self.challenges) or "authorization" in told or "token" in told
        return self.status in (401, 403) or bool(self.hidden)

    @property
    def failed(self) -> bool:
        """The server failed."""
        return self.status is not None and self.status >= 500

    def told(self) -> str:
        """All that the answer says in words, that of a page or plain text included."""
        return f"{self.words()} {self.page}".strip()

    def words(self) -> str:
        """Everything the server said about the refusal, for rules to look into."""
        told = " ".join(f"{c.get('error')} {c.get('error_description')}" for c in self.challenges)
        return f"{self.code} {self.says} {told}".strip()

    def seen(self) -> str:
        """Status, and the error's name."""
        if self.status is None:
            return f"no answer ({_WHY.get(self.error) or self.error.replace('-', ' ')})"
        name = (
            self.hidden or self.code or next((c.get("error") for c in self.challenges if c.get("error")), "")
        )
        if self.location or self.login:
            name = f"to {self.location}" if self.location else "a login page"
        if name == str(self.status):
            name = ""
        return f"{self.status} {name}".rstrip()

    def gives(self) -> str:
        """What the server does, after its name: it answers so, or does not."""
        return f"answers {self.seen()}" if self.status is not None else f"gives {self.seen()}"

    def met(self, *, whole: bool = False) -> str:
        """What the request meets with, after its name; ``whole`` quotes what was said of it as well."""
        if self.status is None:
            return f"gets {self.seen()}"
        return f"is answered {self.quoted() if whole else self.seen()}"

    def quoted(self) -> str:
        """Status, the error's name, and what was said of it."""
        said = self.says or next((d for c in self.challenges if (d := c.get("error_description"))), "")
        return f"{self.seen()}: {said}" if said else self.seen()

    def same_as(self, other: Answer) -> bool:
        """Whether both were answered in the same words."""
        return (self.status, self.words(), self.error) == (other.status, other.words(), other.error)


@dataclass(frozen=True, slots=True)
class Request:
    """The harmless request that is put in three ways. ``kind`` is ``mcp``, ``sse`` or ``api``. ``without`` is the
    answer to it without a credential where that is known already, ``first`` that to a GET by which the kind was found
    out. ``asks`` is the method of the JSON-RPC message."""

    kind: str
    method: str
    url: str
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    body: bytes | None = None
    live: LiveTest = field(default_factory=LiveTest)
    without: Answer | None = None
    query: Mapping[str, Secret] = field(default_factory=dict)
    first: Answer | None = None
    asks: str = "initialize"

    def seen(self) -> str:
        """What is asked."""
        what = {"mcp": f"POST {self.asks}", "sse": "GET an event stream"}.get(self.kind, f"{self.method}")
        return f"{what} at {self.url}"


BROKEN_ANSWERS: Final = {
    "too-large": "it sends more than this program reads",
    "too-many-redirects": "it redirects without end",
    "connection-closed": "it closes the connection without a whole answer",
}
"""Ids of transport failures after the server was reached: something is there, and it is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Differential:
    """The same request without a credential, with a false one, with the real one (None where there is none)."""

    kind: str
    none: Answer
    false: Answer
    real: Answer | None

    @property
    def judged(self) -> Answer:
        """The answer that counts: to the real credential, or to none where none is given."""
        return self.real or self.none

    @property
    def spoken(self) -> bool:
        """Whether what let us in speaks the protocol asked: a 200 from a web page is no MCP server."""
        judged = self.judged
        if judged.login:
            return False
        return (
            self.kind == "api" or judged.rpc or (self.kind == "sse" and judged.content == "text/event-stream")
        )

    @property
    def served(self) -> bool:
        """Whether who was let in got what was asked, and not a JSON-RPC error in its place."""
        return self.judged.accepted and self.spoken and not (self.kind != "api" and self.judged.errs)

    @property
    def forbids_all(self) -> bool:
        """Whether all are answered the same 403, which does not ask for a credential."""
        judged, others = self.judged, (self.none, self.false)
        if judged.status != 403 or judged.challenges or judged.check or judged.login or judged.rpc:
            return False
        return all(a.same_as(judged) and a.page == judged.page for a in others) and not _SPEAKS.search(
            judged.told()
        )

    @property
    def answered(self) -> bool:
        """Whether anything answered at all."""
        return any(a is not None and a.status is not None for a in (self.none, self.false, self.real))

    def seen(self) -> str:
        """The three answers side by side."""
        shown = [f"without a credential: {self.none.seen()}", f"with a made-up one: {self.false.seen()}"]
        return "; ".join([*shown, f"with yours: {self.real.seen()}"] if self.real else shown)


@dataclass(frozen=True, slots=True)
class Mended:
    """What the server says to the same credential with its text put right, by the fault's id."""

    answers: Mapping[str, Answer]

    def seen(self) -> str:
        """The answers."""
        return ", ".join(f"mended: {a.seen()}" for a in self.answers.values()) or "nothing to mend"

    def accepted(self, *ids: str) -> bool:
        """Whether the server let the mended value in."""
        return any(self.answers[i].accepted for i in ids if i in self.answers)
