"""What was said in the refusals of this run. Nothing is asked: the answers that others have met are read once more."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from wizard import prefixes

from ..answers import clean
from ..engine import Context, Probe, Skip
from ..facts.login import LoginTold
from ..facts.oauth import TokenAnswer
from ..facts.refused import ANSWER, LOGIN, TOKEN, TOOL, Heard, Refusals, recorded
from ..facts.trail import BrowserTrail
from ..facts.vendor import ToolTold
from ..facts.wire import Answer, Differential
from ..sending import split

if TYPE_CHECKING:
    from wizard.exchange import Exchange

_LONGEST: Final = 4000
_PAGE: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_ERROR: Final = re.compile(
    r'^\s*\{[^{}\[\]]{0,400}"(?:ok"\s*:\s*false|error"\s*:\s*["{]|errors"\s*:\s*\[\s*\{)'
    r'|"saml_failure"\s*:\s*true|^error=|&error='
)
"""That a body says of itself, at its top, that it is an error."""


async def refused(
    context: Context,
    *,
    differential: Differential | None,
    token: TokenAnswer | None,
    login: LoginTold | None,
    called: ToolTold | None,
    trail: BrowserTrail | None,
) -> Refusals | Skip:
    """The answer to the real credential, what the login and the token endpoint said, and what a tool said."""
    found: list[Heard] = []
    if differential is not None:
        found += _answered(context, differential)
    if login is not None:
        told = " ".join((login.title, login.detail, *(e.fact for e in login.evidence)))
        found.append(Heard(LOGIN, None, told))
        found += _met(context, differential)
    if token is not None and not token.given and token.status is not None:
        met = _exchange(context, token.number)
        words = f"{token.error} {token.description} {_text(met) if met else ''}"
        found.append(Heard(TOKEN, _failing(token.status), words, _headers(met)))
    if called is not None:
        found.append(Heard(TOOL, None, called.says, service=_service(context)))
    if trail is not None:
        found += recorded(trail, None)
    return Refusals(tuple(found)) if found else Skip("nothing was refused")


def _answered(context: Context, differential: Differential) -> list[Heard]:
    """What counts of the differential: the refusal of the real credential, or an answer of 2xx with an error in it."""
    real = differential.real
    judged = real or differential.none
    met = _exchange(context, judged.number)
    if judged.status is None or met is None:
        return []
    if real is None and judged.status not in (403, 429):
        # who brings nothing is refused, as is right; only a limit may lie behind it
        return []
    text = _text(met)
    if judged.accepted and not _ERROR.search(met.excerpt) and not _telling(met):
        return []
    apart = real is not None and not real.same_as(differential.false)
    words = f"{judged.code} {judged.words()} {text}"
    begins = _begins(context)
    return [Heard(ANSWER, judged.status, words[:_LONGEST], _headers(met), apart, begins, _service(context))]


def _telling(met: Exchange) -> bool:
    """Whether a header of a good answer says that something was left out of it."""
    return any(name.lower() == "x-github-sso" for name, _ in met.response_headers)


def _met(context: Context, differential: Differential | None) -> list[Heard]:
    """Refusals that a login met on its way: of every exchange but those of the comparison."""
    compared: tuple[Answer | None, ...] = ()
    if differential is not None:
        compared = (differential.none, differential.false, differential.real)
    numbers = {a.number for a in compared if a is not None}
    return [
        Heard(LOGIN, _failing(e.status), _text(e), _headers(e))
        for e in context.transport.exchanges
        if e.status is not None
        and e.number not in numbers
        and (400 <= e.status < 500 or (e.method == "POST" and _ERROR.search(e.excerpt)))
    ]


def _failing(status: int) -> int | None:
    """The status of a refusal; None for a success that is one (GitHub's and Slack's token endpoints)."""
    return None if 200 <= status < 300 else status


def _exchange(context: Context, number: int) -> Exchange | None:
    return next((e for e in context.transport.exchanges if e.number == number), None)


def _text(met: Exchange) -> str:
    """The body's text: that of a web page without its tags."""
    body = met.excerpt
    if body.lstrip()[:1] == "<":
        body = html.unescape(_PAGE.sub(" ", body))
    return clean(body, _LONGEST)


def _headers(met: Exchange | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in met.response_headers if met else ():
        found.setdefault(name.lower(), clean(value, 300))
    return found


def _begins(context: Context) -> str:
    credential = context.target.credential
    if credential is None:
        return ""
    known = prefixes.known(split(credential.reveal().strip())[1])
    return known.begins if known else ""


def _service(context: Context) -> str:
    return context.target.service.id if context.target.service else ""


PROBE = Probe("refused", "what was said in refusals", Refusals, refused)
