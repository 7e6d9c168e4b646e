"""What was asked, what came, and the nearest thing to do: for whoever no cause was named to. Pure, from the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .answers import clean
from .engine import Facts
from .facts import Named, Reached, Situation, Started
from .facts.trail import BrowserTrail
from .facts.wire import BROKEN_ANSWERS, Answer, Differential, Request

_TO_DO: Final[Mapping[int, str]] = {
    400: "The request lacks something of its own: take an address that needs no parameter, or add the one it names.",
    401: "See in the service's documents in which header, and by which scheme, it reads the credential.",
    402: "The service wants to be paid: look at the account's plan there.",
    403: "Ask the service's admin which rule refuses it.",
    404: "Give the address of one call that the service's documents name, not that of the service alone;"
    " an MCP server's often ends in /mcp.",
    405: "It takes another method than was asked: for an MCP server say so: --kind mcp.",
    406: "It sends nothing of the kind that was asked for: for an MCP server say so: --kind mcp.",
    415: "It takes no JSON: for an API say so: --kind api.",
    422: "The request lacks something of its own: take an address that needs no parameter, or add the one it names.",
    429: "Wait, and try again.",
}
_START: Final = "What is wrong with a program shows when it is started: --start"
_GARBAGE: Final = (
    "What answers there speaks no HTTP that can be read: check the port and the scheme of the address."
)
_OPEN: Final = (
    "Only what is asked while the tools are open is recorded: open them first, then reload the page."
)
_SAYS: Final = 160


def told(facts: Facts) -> tuple[str, ...]:
    """One or two sentences; empty where nothing was asked of anybody."""
    differential, request, situation = facts.get(Differential), facts.get(Request), facts.get(Situation)
    if differential is not None:
        asked = request.seen() if request is not None else "The request"
        return (f"{asked} {_came(differential)}", _next(differential.judged, taken=_taken(differential)))
    named, reached = facts.get(Named), facts.get(Reached)
    for missed in (named, reached):
        if missed is not None and missed.error:
            return (f"No request could be sent: {clean(missed.seen(), _SAYS)}.",)
    if situation is not None and situation.transport == "stdio" and facts.get(Started) is None:
        return ("The entry starts a program, and it was not started.", _START)
    trail = facts.get(BrowserTrail)
    if trail is not None and not trail.recording.hops:
        return _empty(trail.recording.skipped)
    why = facts.missing.get(Request) or facts.missing.get(Differential)
    return (f"Nothing was asked: {clean(why, _SAYS)}.",) if why else ()


def _empty(left_out: int) -> tuple[str, ...]:
    from .har.read import HOW

    none = (
        f"None of the recording's {left_out} entries can be read"
        if left_out
        else "The recording holds no requests"
    )
    return (f"{none}, so there is nothing to judge.", f"{HOW} {_OPEN}")


def _came(differential: Differential) -> str:
    judged, others = differential.judged, (differential.none, differential.false)
    answer = f"is answered {_shown(judged)}" if judged.status is not None else f"gets {_shown(judged)}"
    if differential.real is None:
        return f"{answer}, without a credential."
    if all(a.same_as(judged) for a in others):
        return f"{answer}, with the credential, with a made-up one and without."
    none, false = (_shown(a) for a in others)
    return f"{answer}; without a credential it is {none}, with a made-up one {false}."


def _taken(differential: Differential) -> bool:
    """Whether the others are turned away where this one is told that nothing is there."""
    return differential.judged.status == 404 and differential.none.refused and differential.false.refused


def _shown(answer: Answer) -> str:
    if answer.status is None:
        why = BROKEN_ANSWERS.get(answer.error)
        return f"no whole answer ({why})" if why else f"no answer ({answer.error.replace('-', ' ')})"
    said = answer.quoted()
    return said if answer.says or not answer.page else f"{said}: {clean(answer.page, _SAYS)}"


def _next(judged: Answer, *, taken: bool) -> str:
    if taken:
        return f"The credential is known there, and nothing is at this address for it. {_TO_DO[404]}"
    if judged.status is None:
        return {
            "too-many-redirects": "Open the address in a browser, and give the one that it ends at.",
            "timeout": "Give it more time (--timeout 60), and ask its admin whether it runs.",
        }.get(judged.error, _GARBAGE)
    if judged.retry_after:
        return f"Wait: it says Retry-After {judged.retry_after}."
    if judged.rpc_error:
        return "What the message of the server says is for its admin, or its documents."
    return _TO_DO.get(judged.status, "Ask the service's admin, and send them this answer.")
