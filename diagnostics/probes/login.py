"""How the login went that was made, or asked for, before the probes began; where nobody asked for one, why every one
would fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.livetest import Evidence
from wizard.oauth.problems import OAuthProblem

from ..answers import clean
from ..engine import Context, Later, Probe, Skip
from ..facts.login import LoginTold, LoginWay

if TYPE_CHECKING:
    from wizard.transport import Transport

    from ..har.model import Recording


async def login(
    context: Context,
    way: Later[LoginWay],
) -> LoginTold | Skip:
    """What it found, redacted."""
    problem = context.asked.error if context.asked else None
    if context.asked is None and (led := await way.get()) is not None and led.problem is not None:
        return led.problem
    if not isinstance(problem, OAuthProblem):
        return (recorded(context.har) if context.har else None) or Skip("no login failed")
    return told(problem, context.transport)


def recorded(har: Recording) -> LoginTold | None:
    """What the person's browser recorded of one."""
    from ..facts.trail import trail
    from ..har.told import told as by_trail

    return by_trail(trail(har))


def told(problem: OAuthProblem, transport: Transport) -> LoginTold:
    """The problem as a fact."""

    def shown(text: str) -> str:
        return clean(transport.redact(text), 400)

    def own(text: str, limit: int = 400) -> str:
        return clean(transport.spoken(text), limit)

    seen = tuple(Evidence(e.probe, shown(e.fact)) for e in problem.evidence)
    detail = shown(problem.detail)
    return LoginTold(
        problem.id,
        own(problem.title),
        detail,
        seen or ((Evidence("login", detail),) if detail else ()),
        tuple(own(f) for f in problem.fix),
        problem.owner,
        problem.certainty,
    )


PROBE = Probe("login", "how the login went", LoginTold, login)
