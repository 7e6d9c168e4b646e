"""Whether a refused credential comes from a variable while a saved connection keeps another one that is let in."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING, Final

from wizard import connections
from wizard.errors import AuthwizardError
from wizard.secret import Secret
from wizard.urls import origin

from .. import quiet
from ..engine import Context, Probe, Skip
from ..facts.vendor import OtherKept
from ..facts.wire import Differential, Request
from ..sending import credential_of, live, split
from .differential import put

if TYPE_CHECKING:
    from ..target import Target

_MOST: Final = 2
_SHORTEST: Final = 8
_TAKEN: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:TOKEN|API_KEY|PAT)")
"""How the variables are called that programs take by themselves: GH_TOKEN, SLACK_BOT_TOKEN, NOTION_API_KEY. One that a
person has made up and named hides nothing."""


async def other_kept(context: Context, differential: Differential, request: Request) -> OtherKept | Skip:
    """The other credential goes to the very address that it is kept for: at most two are tried."""
    real, target = differential.real, context.target
    if real is None or real.accepted or not real.same_as(differential.false) or target.credential is None:
        return Skip("the credential was not refused as a false one is")
    mine = split(target.credential.reveal().strip())[1]
    variable = _variable(mine)
    if not variable:
        return Skip("no variable holds the credential")
    others = await asyncio.to_thread(_others, target, request.url, mine)
    for name, other in others[:_MOST]:
        sent = credential_of(target, live(target)).map(lambda v, o=other: _swapped(v, mine, o))  # type: ignore[misc]  # bound now
        answer = await put(context, request, sent)
        if answer.accepted:
            return OtherKept(variable, name, answer)
    return Skip("no saved connection keeps another credential for this address")


def _variable(value: str) -> str:
    """The variable that programs take by themselves which holds the value; empty where none does."""
    if len(value) < _SHORTEST:
        return ""
    held = (n for n, v in sorted(os.environ.items()) if split(v.strip())[1] == value)
    return next((n for n in held if _TAKEN.fullmatch(n)), "")


def _others(target: Target, url: str, mine: str) -> list[tuple[str, Secret]]:
    try:
        saved = connections.load_all()
        place = origin(url)
    except (AuthwizardError, ValueError):
        return []
    found = []
    for connection in saved:
        try:
            same = origin(connection.url) == place
        except ValueError:
            continue
        if not same or connection.name == target.connection:
            continue
        kept = [s for s in quiet.secrets_of(connection).values() if len(s) >= _SHORTEST]
        found += [(connection.name, s) for s in kept if s.reveal().strip() != mine][:1]
    return found


def _swapped(value: Secret, mine: str, other: Secret) -> Secret:
    return Secret(value.reveal().replace(mine, other.reveal().strip()))


PROBE = Probe("other-kept", "another credential for the same address", OtherKept, other_kept)
