"""The scopes that are needed, and those that the credential has."""

from __future__ import annotations

from ..engine import Context, Probe, Skip
from ..facts import JwtView, Scopes
from ..token import groups_of, scopes_of
from ..wire_facts import Differential


async def scopes(context: Context, differential: Differential | None, jwt: JwtView | None) -> Scopes | Skip:
    """Needed: by the server's refusal, by the person, by what the connection chose. Granted: by the service's
    own answer, else by the token; what a scope includes is granted with it."""
    real = differential.real if differential else None
    granted = real.granted if real and real.granted is not None else scopes_of(jwt.claims) if jwt else None
    service = context.target.service
    if service and granted is not None:
        brought = service.of_groups(groups_of(jwt.claims)) if jwt else ()
        granted = service.with_included(tuple(dict.fromkeys((*granted, *brought))))
    if real is not None and real.needs and not real.accepted:
        return Scopes(real.needs, "the server", granted, context.target.live.needs_any)
    if context.require_scopes:
        return Scopes(context.require_scopes, "you", granted)
    if context.target.scopes:
        return Scopes(context.target.scopes, "this connection", granted)
    return (
        Scopes((), "", granted) if granted is not None else Skip("nobody says which scopes it has or needs")
    )


PROBE = Probe("scopes", "granted and needed scopes", Scopes, scopes)
