"""The backbone: the same request without a credential, with a false one, with the real one."""

from __future__ import annotations

import asyncio

from wizard.errors import TransportError
from wizard.secret import Secret

from ..asking import ask
from ..engine import Context, Probe
from ..facts.wire import Answer, Differential, Request
from ..sending import Sent, credential_of, false_value, live


async def differential(context: Context, request: Request) -> Differential:
    """Ask three times at once; the real credential goes to the target's own address only."""
    target = context.target
    real = credential_of(target, live(target))
    if context.asked is not None and not context.asked.given:
        # without a token there is none to be compared with a false one
        alone = await put(context, request, Sent())
        return Differential(request.kind, alone, alone, None)
    false = real.map(false_value) or Sent({"Authorization": false_value(Secret("Bearer x"))})
    asked = [put(context, request, Sent()), put(context, request, false)]
    if real:
        asked.append(put(context, request, real))
    answers = await asyncio.gather(*asked)
    return Differential(request.kind, answers[0], answers[1], answers[2] if real else None)


async def put(context: Context, request: Request, more: Sent) -> Answer:
    """One variant of the request."""
    context.transport.know(*more.values())
    try:
        return await ask(
            context.transport,
            request.method,
            request.url,
            {**request.headers, **more.headers},
            request.body,
            query={**request.query, **more.query},
            live=request.live,
        )
    except TransportError as error:
        return Answer(None, error.id)


PROBE = Probe("differential", "no, a false, and the real credential", Differential, differential)
