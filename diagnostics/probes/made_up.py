"""An address without a meaning at the same origin: who answers it alike has never heard of the service."""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from .. import edge
from ..asking import ask
from ..edge_facts import Elsewhere
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..wire_facts import Differential

_AT_EDGE: Final = frozenset({404, 502, 503, *range(520, 531)})


async def made_up(context: Context, situation: Situation, differential: Differential) -> Elsewhere | Skip:
    """A GET without a credential, and only where an edge that is known says by itself that nothing is there."""
    judged = differential.judged
    if judged.status not in _AT_EDGE or judged.rpc or not edge.name_of(judged):
        return Skip("no edge answers in the server's place")
    parts = urlsplit(situation.url)
    url = urlunsplit((parts.scheme, parts.netloc, f"/{secrets.token_hex(8)}", "", ""))
    return Elsewhere(url, await ask(context.transport, "GET", url))


PROBE = Probe("made-up", "an address that nobody has", Elsewhere, made_up)
