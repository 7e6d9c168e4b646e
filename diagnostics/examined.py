"""Everything that was found out about a target: what is judged, and what a case file holds. Plain data, no world."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.exchange import Exchange
from wizard.outcomes import Worked

from .engine import Facts


@dataclass(frozen=True, slots=True)
class NotExamined:
    """A cause whose rule could not be asked, and why."""

    cause: str
    needs: str

    def as_json(self) -> dict[str, object]:
        """The contract's item."""
        return {"cause": self.cause, "needs": self.needs}


@dataclass(frozen=True, slots=True)
class Examined:
    """``label`` is the target's; ``seconds`` how long it took. ``asked`` are values that only the client will know,
    ``otherwise`` another way out for whoever is turned away, ``unread`` True where no credential could be read.
    ``before`` is how it looked when it worked last. ``cut`` says why it ended before all was known, and what it waited
    for then; empty where it ran to its end."""

    label: str
    facts: Facts = field(default_factory=Facts)
    exchanges: tuple[Exchange, ...] = ()
    seconds: float = 0.0
    asked: tuple[NotExamined, ...] = ()
    otherwise: str = ""
    unread: bool = False
    before: Worked | None = None
    cut: str = ""
