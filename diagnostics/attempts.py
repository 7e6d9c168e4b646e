"""Which request was which: the three that differ in their credential alone, as a reader can follow them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .answers import clean
from .engine import Facts
from .facts.wire import BROKEN_ANSWERS, Answer, Differential, Request

NONE, FALSE, REAL = "none", "false", "real"
WITH: Final = {NONE: "without a credential", FALSE: "with a made-up credential", REAL: "with your credential"}
"""By which credential they went, for the person whose it is."""
_LONG: Final = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """One of the three: ``which`` is `NONE`, `FALSE` or `REAL`, ``number`` its exchange's, ``came`` the status and what
    was said, ``at`` when by the server's own clock (seconds since 1970, None where it does not say)."""

    which: str
    number: int
    method: str
    url: str
    came: str
    at: float | None = None


def of_facts(facts: Facts) -> tuple[Attempt, ...]:
    """Those that were made."""
    differential, request = facts.get(Differential), facts.get(Request)
    if differential is None or request is None:
        return ()
    made = ((REAL, differential.real), (NONE, differential.none), (FALSE, differential.false))
    method = {"mcp": "POST", "sse": "GET"}.get(request.kind, request.method)
    return tuple(
        Attempt(which, a.number, method, request.url, came(a), a.date) for which, a in made if a is not None
    )


def came(answer: Answer) -> str:
    """The answer in its own words, short; why there is none, in ours."""
    if answer.status is None:
        why = BROKEN_ANSWERS.get(answer.error)
        return f"no whole answer ({why})" if why else answer.seen()
    said = answer.quoted()
    words = clean(said if answer.says or not answer.page else f"{said}: {answer.page}", _LONG)
    # a server may let in and quarrel with the message alone
    return f"{words} (it was let in)" if answer.accepted and answer.status >= 300 else words
