"""Each leg of the way by itself, where a service's document names several: who of them refuses."""

from __future__ import annotations

import asyncio

from wizard import catalogue
from wizard.secret import Secret
from wizard.services import Leg

from ..engine import Context, Probe, Skip
from ..facts.gateway import LegAnswers, Legs
from ..facts.wire import Differential, Request
from ..sending import Sent, credential_of, false_value, live
from .differential import put


async def legs(context: Context, differential: Differential, request: Request) -> Legs | Skip:
    """What the differential did not ask yet, and only where the whole was refused; to the target's own address."""
    target = context.target
    named = target.service.legs if target.service else _by_headers(context)
    if len(named) < 2:
        return Skip("there is one party to ask for a credential")
    if not differential.judged.refused:
        return Skip("the request is not refused")
    real = credential_of(target, live(target))
    before, answer = Sent(), differential.none
    found: list[LegAnswers] = []
    for leg in named:
        own = _of(leg, real)
        false = own.map(false_value) or Sent({leg.headers[0]: false_value(Secret("Bearer x"))})
        asked = [put(context, request, false.over(before))]
        if own:
            asked.append(put(context, request, own.over(before)))
        refused, *taken = await asyncio.gather(*asked)
        found.append(LegAnswers(leg.id, leg.title, answer, refused, taken[0] if taken else None))
        if taken:
            before, answer = own.over(before), taken[0]
    return Legs(tuple(found))


def _by_headers(context: Context) -> tuple[Leg, ...]:
    """Those of the gateway that is known, where an address of nobody known is sent a credential in both of its
    headers."""
    sent = {n.lower() for n in credential_of(context.target, live(context.target)).headers}
    return catalogue.one("gateway").legs if {"x-authorization", "authorization"} <= sent else ()


def _of(leg: Leg, sent: Sent) -> Sent:
    """Of what carries a credential, that which this leg reads."""
    wanted = {h.lower() for h in leg.headers}
    return sent.part(lambda values: tuple(n for n in values if n.lower() in wanted))


PROBE = Probe("legs", "each party on the way by itself", Legs, legs)
