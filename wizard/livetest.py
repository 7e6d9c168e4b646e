"""What a live test and a diagnosis say, as plain data that both floors pass on. Nothing in it is secret."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.exchange import Exchange

PROVEN = "proven"
LIKELY = "likely"
PROGRAM_LOGIN = "program-login"
"""The step of a login that a stdio server makes itself, by one of its tools."""

_BY_CREDENTIAL = frozenset({"credential", "false-credential", "session", "ping", "tools", "call"})
"""Steps that go well only where something was let in."""
_REFUSED = ("401", "403")
_NONE_GIVEN = (
    "it wants a credential, and none was given. It turns away who brings none, as it should; give one to test the"
    " rest: --credential SOURCE, such as env:TOKEN or file:PATH."
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that shows a finding: the probe that asked, and what it saw, in a short sentence."""

    probe: str
    fact: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause that a rule proved (or holds likely), with its evidence, its owner and the way out."""

    cause: str
    certainty: str
    layer: str
    owner: str
    title: str
    evidence: tuple[Evidence, ...] = ()
    fix: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The contract's finding."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a live test. ``ok`` is None while it is not run, or could not be judged; while it is run and a person
    has to do something, ``expected`` says what. ``exchanges`` are the requests that it was made of, redacted, where
    they were told apart."""

    id: str
    title: str
    ok: bool | None
    expected: str = ""
    seen: str = ""
    detail: str = ""
    seconds: float = 0.0
    exchanges: tuple[Exchange, ...] = field(default=(), compare=False, repr=False)

    @property
    def awaited(self) -> str:
        """What a person has to do now, so that it goes on; empty for a step that has ended or was not begun."""
        return self.expected if self.ok is None and not (self.seen or self.detail) else ""

    def as_json(self) -> dict[str, object]:
        """The contract's step."""
        return {
            "id": self.id,
            "ok": self.ok,
            "expected": self.expected,
            "seen": self.seen,
            "detail": self.detail,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class LiveTestReport:
    """A finished live test; ``ok`` is True when no step failed and at least one proved something. ``unchecked`` says
    why the credential was not checked, though it was sent; empty where it was."""

    target: str
    ok: bool
    steps: tuple[Step, ...]
    tools: tuple[str, ...] = ()
    granted_scopes: tuple[str, ...] = ()
    finding: Finding | None = None
    unchecked: str = ""

    @property
    def wants(self) -> str:
        """That nothing was tested but the refusal of who brings nothing, as a sentence; empty where more was."""
        refused = any(s.id == "no-credential" and s.ok and s.seen.startswith(_REFUSED) for s in self.steps)
        more = any(s.ok for s in self.steps if s.id in _BY_CREDENTIAL)
        return _NONE_GIVEN if self.ok and refused and not more else ""

    @property
    def told(self) -> str:
        """What a tool said that was called and failed; empty where none did."""
        failed = (s.seen for s in self.steps if s.id in ("call", PROGRAM_LOGIN) and s.ok is False)
        return next(failed, "")

    def as_json(self) -> dict[str, object]:
        """The contract's ``test`` answer."""
        return {
            "schema": 1,
            "target": self.target,
            "ok": self.ok,
            "steps": [s.as_json() for s in self.steps],
            "tools": list(self.tools),
            "granted_scopes": list(self.granted_scopes),
            "finding": self.finding.as_json() if self.finding else None,
        }
