"""Whether groups decide at this server: by its refusal, or by what its service's document says."""

from __future__ import annotations

from ..engine import Context, Probe, Skip
from ..facts.oauth import GroupsWanted
from ..facts.wire import Differential
from .permissions import excerpt


async def wanted_groups(context: Context, differential: Differential) -> GroupsWanted | Skip:
    """Words of the refusal, else groups in the catalogue."""
    real = differential.real
    if real is not None and real.refused and "group" in f"{real.words()} {excerpt(context, real)}".lower():
        return GroupsWanted("the refusal speaks of groups")
    service = context.target.service
    if service and any(scope.groups for scope in service.scopes):
        return GroupsWanted(f"{service.title} decides by groups")
    return Skip("nobody says that groups decide here")


PROBE = Probe("wanted-groups", "whether groups decide here", GroupsWanted, wanted_groups)
