"""An address without a meaning at the same origin: who answers it alike has never heard of the service."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from .. import edge
from ..asking import ask
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..facts.edge import Elsewhere
from ..facts.wire import Differential

_AT_EDGE: Final = frozenset({404, 502, 503, *range(520, 531)})


async def made_up(context: Context, situation: Situation, differential: Differential) -> Elsewhere | Skip:
    """Two GETs without a credential, and only where an edge that is known says by itself that nothing is there."""
    judged = differential.judged
    if judged.status not in _AT_EDGE or judged.rpc or not edge.name_of(judged):
        return Skip("no edge answers in the server's place")
    parts = urlsplit(situation.url)
    root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    url = f"{root}{secrets.token_hex(8)}"
    answers = await asyncio.gather(*(ask(context.transport, "GET", place) for place in (url, root)))
    return Elsewhere(url, *answers)


PROBE = Probe("made-up", "an address that nobody has", Elsewhere, made_up)
