"""What was said in refusals: words, status and headers of each, for the packs to recognise (`diagnostics.packs`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .login import LoginTold
    from .trail import BrowserTrail

ANSWER: Final = "differential"
LOGIN: Final = "login"
TOKEN: Final = "token-answer"  # noqa: S105  # a probe's id
TOOL: Final = "tool-told"


@dataclass(frozen=True, slots=True)
class Heard:
    """One refusal, or an answer of 2xx whose body may hold one. ``by`` is the probe that met it, ``status`` None where
    none is known. ``apart`` is False where a false credential is told just the same. ``headers`` by name in small
    letters; ``begins`` is what the credential is by its beginning (`wizard.prefixes`), ``service`` the catalogue's
    id of who was asked. All texts are redacted."""

    by: str
    status: int | None
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    apart: bool = True
    begins: str = ""
    service: str = ""

    @property
    def good(self) -> bool:
        """Whether its status is that of a success."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Refusals:
    """Every refusal of a run."""

    heard: tuple[Heard, ...]

    def seen(self) -> str:
        """How many, and by whom."""
        by = ", ".join(dict.fromkeys(h.by for h in self.heard))
        return f"{len(self.heard)} answer(s) to read ({by})"


def recorded(trail: BrowserTrail, login: LoginTold | None) -> tuple[Heard, ...]:
    """What the browser of a recording was told: nothing where it got in."""
    stuck = bool(trail.logins) and trail.logins[-1].back is None
    if not (trail.failed or stuck or login):
        return ()
    told = [Heard(LOGIN, None, " ".join((login.title, *(e.fact for e in login.evidence))))] if login else []
    for hop in trail.pages:
        refused = hop.status if hop.status >= 400 else None
        parts = (hop.said("error"), hop.said("error_description"), hop.error, hop.says)
        if words := " ".join(filter(None, parts)):
            told.append(Heard(LOGIN, refused, words))
    return tuple(told)
