"""The scopes that a credential has, against those that the tools chosen for it need."""

from __future__ import annotations

from ..engine import Context, Probe, Skip
from ..facts import Scopes
from ..facts.file import Rights


async def rights(context: Context, scopes: Scopes | None) -> Rights | Skip:
    """By the catalogue's own list of which tool needs which scope."""
    target = context.target
    service = target.service
    if service is None or not target.tools:
        return Skip("no tools were chosen for it")
    known = frozenset(s.id for s in service.scopes)
    needed = service.scopes_for(frozenset(target.tools))
    granted = scopes.granted if scopes else None
    if granted is not None:
        return Rights(target.tools, tuple(s for s in granted if s in known), needed, "granted:")
    if target.scopes:
        return Rights(target.tools, tuple(s for s in target.scopes if s in known), needed, "asked for:")
    return Skip("nobody says which scopes the credential has")


PROBE = Probe("rights", "scopes against the chosen tools", Rights, rights)
