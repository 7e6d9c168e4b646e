"""Where nobody logged in, and an MCP server wants it: whether what it publishes would lead to a login."""

from __future__ import annotations

from typing import Final

from wizard.errors import AuthwizardError
from wizard.oauth.problems import OAuthProblem

from ..answers import clean
from ..engine import Context, Later, Probe, Skip
from ..facts import ResourceMetadata, Situation
from ..facts.login import LoginWay
from ..facts.wire import Differential
from .login import told

_SHOWN: Final = 120
_SILENT: Final = "what publishes it gave no answer from here"


async def login_way(
    context: Context,
    situation: Situation,
    differential: Later[Differential],
    metadata: Later[ResourceMetadata],
) -> LoginWay | Skip:
    """By public metadata, without a login. What gives no answer from here tells nothing."""
    if context.asked is not None or situation.has_credential or situation.own_login:
        return Skip("a credential is there, or is not ours to get")
    known = await differential.get()
    if known is None or known.kind != "mcp" or known.none.status != 401:
        return Skip("no MCP server turns away who brings nothing")
    if any(not c.is_bearer() for c in known.none.challenges):
        return Skip("it asks for no token")
    found = await metadata.get()
    named = any(c.get("resource_metadata") for c in known.none.challenges)
    if found is None and not named:
        return Skip("nobody names who gives its tokens")
    from wizard.oauth import authorization, discovery, model, wellknown

    allow, before = context.target.allow, len(context.transport.exchanges)
    places = wellknown.resource_places(
        situation.url, tuple(c.get("resource_metadata") for c in known.none.challenges)
    )
    tried = {e.url: e.status or 0 for e in context.transport.exchanges if e.url in places}
    if found is None and 0 in tried.values():
        return Skip(_SILENT)
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
        return Skip(_SILENT) if silent else LoginWay(problem=told(problem, context.transport))
    except AuthwizardError:
        return Skip(_SILENT)
    if server is None:
        return Skip("nobody names who gives its tokens")
    issuer = clean(context.transport.redact(server.issuer), _SHOWN)
    return LoginWay(issuer, bool(server.authorization_endpoint), bool(server.device_authorization_endpoint))


PROBE = Probe("login-way", "where a login would lead", LoginWay, login_way)
