"""A credential in the address that is refused there: what the server says to it in the Authorization header."""

from __future__ import annotations

from typing import Final

from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts.entry import AsHeader
from ..facts.wire import Differential, Request
from ..sending import Sent, credential_of, live
from .differential import put

_REFUSED: Final = (400, 401, 403)


async def as_header(context: Context, differential: Differential, request: Request) -> AsHeader | Skip:
    """One request to the same address, without the parameter."""
    real, target = differential.real, context.target
    # a 400 in JSON-RPC may quarrel with the message, or with where the token stands
    if real is None or (real.accepted and real.status != 400):
        return Skip("nothing was refused")
    sent = credential_of(target, live(target))
    if not sent.query or sent.headers:
        return Skip("the credential does not stand in the address")
    if real.status not in _REFUSED and not real.hidden:
        return Skip("it was not refused for who asks")
    value = next(iter(sent.query.values()))
    answer = await put(context, request, Sent({"Authorization": Secret(f"Bearer {value.reveal()}")}))
    return AsHeader(tuple(sent.query), answer)


PROBE = Probe("as-header", "the same credential in the header", AsHeader, as_header)
