"""Asked as a browser does: an access proxy may answer programs with a bare 401, and people with a login."""

from __future__ import annotations

from ..asking import ask
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..facts.way import AsBrowser
from ..facts.wire import Differential

_PAGE = "text/html,application/xhtml+xml;q=0.9"


async def as_browser(context: Context, situation: Situation, differential: Differential) -> AsBrowser | Skip:
    """Only where the refusal names no way to sign in; no credential goes along."""
    judged = differential.judged
    if judged.status not in (401, 403) or judged.challenges or judged.rpc:
        return Skip("the answer tells by itself who refuses")
    if not judged.same_as(differential.none):
        return Skip("the service itself answers to the credential")
    return AsBrowser(await ask(context.transport, "GET", situation.url, {"Accept": _PAGE}))


PROBE = Probe("browser", "the same address as a browser asks", AsBrowser, as_browser)
