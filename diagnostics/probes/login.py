"""How the login went that was made, or asked for, before the probes began; where nobody asked for one, and the server
wants it, whether what it publishes would lead to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import AuthwizardError
from wizard.livetest import Evidence
from wizard.oauth.problems import OAuthProblem

from ..answers import clean
from ..engine import Context, Later, Probe, Skip
from ..facts import ResourceMetadata, Situation
from ..facts.login import LoginTold
from ..facts.wire import Differential

if TYPE_CHECKING:
    from wizard.transport import Transport

    from ..har.model import Recording


async def login(
    context: Context,
    situation: Situation,
    differential: Later[Differential],
    metadata: Later[ResourceMetadata],
) -> LoginTold | Skip:
    """What it found, redacted."""
    problem = context.asked.error if context.asked else None
    if context.asked is None and not situation.has_credential and not situation.own_login:
        problem = await _led_astray(context, situation, differential, metadata)
    if not isinstance(problem, OAuthProblem):
        return (recorded(context.har) if context.har else None) or Skip("no login failed")
    return told(problem, context.transport)


async def _led_astray(
    context: Context,
    situation: Situation,
    differential: Later[Differential],
    metadata: Later[ResourceMetadata],
) -> OAuthProblem | None:
    """Why every login at this MCP server would fail: by public metadata, without a login. What gives no answer from
    here tells nothing."""
    known = await differential.get()
    if known is None or known.kind != "mcp" or known.none.status != 401:
        return None
    if any(not c.is_bearer() for c in known.none.challenges):
        return None
    found = await metadata.get()
    named = any(c.get("resource_metadata") for c in known.none.challenges)
    if found is None and not named:
        return None
    from wizard.oauth import authorization, discovery, model, wellknown

    allow, before = context.target.allow, len(context.transport.exchanges)
    places = wellknown.resource_places(
        situation.url, tuple(c.get("resource_metadata") for c in known.none.challenges)
    )
    tried = {e.url: e.status or 0 for e in context.transport.exchanges if e.url in places}
    if found is None and 0 in tried.values():
        return None
    server: model.ServerMetadata | None
    try:
        if found is None:
            server = await discovery.unread(situation.url, tried, context.transport, allow=allow)
        else:
            resource = model.ResourceMetadata(found.url, found.resource, found.authorization_servers)
            server = await discovery.published(situation.url, resource, context.transport, allow=allow)
        if server is not None and server.authorization_endpoint:
            authorization.check_pkce(server, allow)
    except OAuthProblem as problem:
        silent = any(e.status is None for e in context.transport.exchanges[before:])
        return None if silent else problem
    except AuthwizardError:
        return None
    return None


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
