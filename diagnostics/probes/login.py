"""How the login went that was made, or asked for, before the probes began."""

from __future__ import annotations

from wizard.livetest import Evidence
from wizard.oauth.problems import OAuthProblem

from ..answers import clean
from ..engine import Context, Probe, Skip
from ..login_facts import LoginTold


async def login(context: Context) -> LoginTold | Skip:
    """What it found, redacted."""
    problem = context.asked.error if context.asked else None
    if not isinstance(problem, OAuthProblem):
        return Skip("no login failed")
    transport = context.transport

    def shown(text: str) -> str:
        return clean(transport.redact(text))

    def own(text: str, limit: int = 400) -> str:
        return clean(transport.spoken(text), limit)

    told = tuple(Evidence(e.probe, shown(e.fact)) for e in problem.evidence)
    detail = shown(problem.detail)
    return LoginTold(
        problem.id,
        own(problem.title),
        detail,
        told or ((Evidence("login", detail),) if detail else ()),
        tuple(own(f) for f in problem.fix),
        problem.owner,
    )


PROBE = Probe("login", "how the login went", LoginTold, login)
