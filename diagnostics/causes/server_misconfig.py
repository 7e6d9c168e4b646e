"""Layer server-misconfig: what the server's admin set otherwise than its document says."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import Health, Situation
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven


@cause(
    id="health-requires-auth",
    layer="server-misconfig",
    owner="server-admin",
    title="The health endpoint asks for a credential.",
    explanation="The service's document says that the health check is open to all, so that a load balancer can ask"
    " it. Here it is refused.",
    fix=(
        'To the server\'s admin: "The health endpoint must be exempt from authentication; check the middleware."',
    ),
    sources=("Fleet: Quick Start, Health Check Failing",),
    standing=True,
    beside=True,
)
def health_guarded(health: Health) -> Verdict | None:
    """401 or 403 without a credential."""
    if health.answer.status not in (401, 403):
        return None
    letter = (
        f"To the server's admin: \"{health.url} answers {health.answer.status} without a credential. Its document"
        ' says that it is exempt from authentication: please check the middleware."'
    )
    return proven(Evidence("health", f"GET {health.url}: {health.answer.seen()}"), fix=(letter,))


@cause(
    id="auth-disabled",
    layer="server-misconfig",
    owner="server-admin",
    title="The server lets everybody in.",
    explanation="Every credential works, also a false one, also none: authentication is switched off.",
    fix=(
        'To the server\'s admin: "Authentication is off: a request without a credential is accepted."',
        "Until it is on, treat everything on that server as public.",
    ),
    sources=("Fleet: Quick Start, Enable Authentication",),
    standing=True,
)
def disabled(situation: Situation, differential: Differential) -> Verdict | None:
    """None, false and real are all let in where the document asks for a credential; elsewhere only worth a word."""
    none, false, real = differential.none, differential.false, differential.real
    if not (none.accepted and false.accepted and (real is None or real.accepted)):
        return None
    seen = Evidence("differential", differential.seen())
    if situation.requires_auth:
        return proven(
            seen, Evidence("catalogue", f"the document of {situation.service} asks for a credential")
        )
    if real is None:
        return None
    return likely(seen, title="The server takes no notice of the credential: none at all works too.")
