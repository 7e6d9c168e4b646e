"""What a diagnosis came to: plain data, as the command answers it and the screen shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from wizard.exchange import Exchange
from wizard.livetest import Finding
from wizard.outcomes import Outcome, Worked

from .allowed import Allowed
from .attempts import Attempt
from .examined import NotExamined
from .fingerprint import Changed, Seen
from .letters import letter

WANTS: Final = "authorization-header-missing"
"""The cause that speaks where a server asks for a credential and none was given."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What came of it; ``verdict`` is ``healthy``, ``broken``, ``unreachable`` or ``undetermined``.

    ``findings`` explain a failure, the root first; ``warnings`` are what is not well though it works.
    ``ruled_out`` are the causes whose rule was asked and stayed silent. ``reproduce`` are lines for a shell that put
    the request again which failed. ``seen`` is how the target looks, ``changed`` what of that is another since it
    worked last. ``competing`` are values of one name, each with the one that wins and those that it hides.
    ``permissions`` is what the token may do, and what it would need. ``answered`` are sentences: what was asked, what
    came, and the nearest thing to do; empty where a cause was named, or nothing is wrong. ``url`` is the target's
    address, ``attempts`` are the requests that differ in their credential alone.
    ``cut`` says why it ended before all was known, and what it waited for; empty where it ran to its end.
    """

    target: str
    verdict: str
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    ruled_out: tuple[str, ...]
    not_examined: tuple[NotExamined, ...]
    exchanges: tuple[Exchange, ...]
    seconds: float
    reproduce: str = ""
    seen: Seen = field(default_factory=dict)
    changed: Changed | None = None
    competing: tuple[Mapping[str, object], ...] = ()
    permissions: Allowed | None = None
    answered: tuple[str, ...] = ()
    url: str = ""
    attempts: tuple[Attempt, ...] = ()
    cut: str = ""

    @property
    def wants(self) -> Finding | None:
        """Where it is well and turns away who brings nothing: the warning that says what it wants; else None."""
        if self.verdict != "healthy":
            return None
        return next((w for w in self.warnings if w.cause == WANTS), None)

    def as_json(self) -> dict[str, object]:
        """The contract's ``doctor`` answer."""
        return {
            "schema": 1,
            "target": self.target,
            "verdict": self.verdict,
            "findings": [f.as_json() for f in self.findings],
            "warnings": [w.as_json() for w in self.warnings],
            "ruled_out": list(self.ruled_out),
            "not_examined": [n.as_json() for n in self.not_examined],
            "exchanges": [{**e.as_json(), "attempt": self.which(e)} for e in self.exchanges],
            "seconds": round(self.seconds, 3),
            "letters": [{"to": f.owner, "cause": f.cause, "text": t} for f, t in self.letters()],
            "reproduce": self.reproduce or None,
            "changed": self.changed.as_json() if self.changed else None,
            "competing": [dict(c) for c in self.competing],
            "answered": list(self.answered),
            "cut": self.cut or None,
            "permissions": self.permissions.as_json() if self.permissions else None,
        }

    def which(self, exchange: Exchange) -> str | None:
        """By which credential it went (`diagnostics.attempts`); None where that is not what it was about."""
        return next((a.which for a in self.attempts if a.number == exchange.number), None)

    def letters(self) -> tuple[tuple[Finding, str], ...]:
        """For each finding that somebody else must act on, the text to send."""
        works = self.verdict == "healthy"
        told = (
            (f, letter(self.target, f, self.url, self.attempts, works=works))
            for f in (*self.findings, *self.warnings)
        )
        return tuple((f, text) for f, text in told if text)

    def outcome(self, at: float) -> Outcome | None:
        """What is remembered of it, and shown at home; ``at`` in seconds since 1970. None where nothing was settled."""
        if self.verdict == "undetermined":
            return None
        worst = next(iter((*self.findings, *self.warnings)), None)
        state = "broken" if self.verdict != "healthy" else "warning" if self.warnings else "works"
        worked = Worked(at, self.seen) if self.verdict == "healthy" else None
        says = worst.title if worst else "nothing is wrong with it"
        return Outcome(state, worst.cause if worst else "", says, at, worked)
