"""The scopes that are needed, and those that the credential has."""

from __future__ import annotations

import re
from typing import Final

from wizard import catalogue

from ..engine import Context, Probe, Skip
from ..facts import OWN_SCOPES, THE_SERVER, JwtView, Scopes
from ..facts.refused import ANSWER, Refusals
from ..facts.wire import Differential
from ..token import groups_of, scopes_of

_HAS: Final = "x-oauth-scopes"
_WANTS: Final = "x-accepted-oauth-scopes"
_SEPARATORS: Final = re.compile(r"[,\s]+")


async def scopes(
    context: Context,
    differential: Differential | None,
    jwt: JwtView | None,
    refusals: Refusals | None,
) -> Scopes | Skip:
    """Needed: by the server's refusal, by the person, by what the connection chose. Granted: by the service's
    own answer, else by the token; what a scope includes is granted with it."""
    real = differential.real if differential else None
    granted = real.granted if real and real.granted is not None else scopes_of(jwt.claims) if jwt else None
    service = context.target.service
    if service and granted is not None:
        brought = service.of_groups(groups_of(jwt.claims)) if jwt else ()
        granted = service.with_included(tuple(dict.fromkeys((*granted, *brought))))
    if real is not None and real.needs and not real.accepted:
        return Scopes(real.needs, THE_SERVER, granted, context.target.live.needs_any)
    if service is None and (told := _told(refusals)) is not None:
        return told
    if context.require_scopes:
        return Scopes(context.require_scopes, "you", granted)
    if context.target.scopes:
        return Scopes(context.target.scopes, OWN_SCOPES, granted)
    return (
        Scopes((), "", granted) if granted is not None else Skip("nobody says which scopes it has or needs")
    )


def _told(refusals: Refusals | None) -> Scopes | None:
    """By the two headers of GitHub, at an address that no service is known for: one of those it wants is enough."""
    refusal = next((h for h in refusals.heard if h.by == ANSWER), None) if refusals else None
    if refusal is None or refusal.status not in (403, 404):
        return None
    has, wants = (refusal.headers.get(name) for name in (_HAS, _WANTS))
    if has is None or not wants:
        return None
    held = catalogue.one("github").with_included(_split(has))
    return Scopes(_split(wants), THE_SERVER, held, choice=True)


def _split(text: str) -> tuple[str, ...]:
    return tuple(s for s in _SEPARATORS.split(text) if s)


PROBE = Probe("scopes", "granted and needed scopes", Scopes, scopes)
