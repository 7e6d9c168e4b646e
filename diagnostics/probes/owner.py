"""Whether GitHub knows a fine-grained token, and whether the owner in the address is there at all."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from ..engine import Context, Probe, Skip
from ..facts.vendor import OwnerSeen
from ..facts.wire import Differential, Request
from ..sending import Sent, credential_of, live, split
from .differential import put

_OWNER: Final = re.compile(r"/(?:repos|orgs|users)/([\w.-]{1,100})(?:/|$)")
_ENTERPRISE: Final = "/api/v3"
_BEGINS: Final = "github_pat_"


async def owner(context: Context, differential: Differential, request: Request) -> OwnerSeen | Skip:
    """Two requests to the same origin: the person's own account with the token, the owner's page without."""
    real, credential = differential.real, context.target.credential
    if real is None or real.status not in (403, 404) or real.same_as(differential.false):
        return Skip("nothing was hidden from this token alone")
    if credential is None or not split(credential.reveal().strip())[1].startswith(_BEGINS):
        return Skip("it is no fine-grained token of GitHub")
    parts = urlsplit(request.url)
    found = _OWNER.search(parts.path)
    base = f"{parts.scheme}://{parts.netloc}" + (_ENTERPRISE if parts.path.startswith(_ENTERPRISE) else "")
    name = found[1] if found else ""
    plain = replace(request, method="GET", body=None)
    mine = put(
        context, replace(plain, url=f"{base}/user"), credential_of(context.target, live(context.target))
    )
    if not name:
        return OwnerSeen("", f"{base}/user", await mine)
    there = f"{base}/users/{name}"
    me, seen = await asyncio.gather(mine, put(context, replace(plain, url=there), Sent()))
    return OwnerSeen(name, f"{base}/user", me, there, seen)


PROBE = Probe("owner", "whose the fine-grained token is", OwnerSeen, owner)
