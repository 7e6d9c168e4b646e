"""The request that was turned away, put again with one thing changed: what makes the difference is the cause."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from wizard.entries import Remote
from wizard.secret import Secret

from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..facts.edge import Change, OneChanged
from ..facts.wire import Answer, Differential, Request
from ..one_variable import Question, questions
from ..sending import Sent, credential_of, live
from ..target import Target
from .differential import put

_CONFIRMED: Final = 2


async def one_changed(
    context: Context, situation: Situation, differential: Differential, request: Request
) -> OneChanged | Skip:
    """All at once, and to the target's own address; the credential goes along only where it makes the difference."""
    target = context.target
    sent = credential_of(target, live(target)).headers
    legs = len(target.service.legs) > 1 if target.service else False
    asked = questions(situation, differential, request, sent, legs=legs, accept=_accept(target))
    if not asked:
        return Skip("no answer calls for it")
    answers = await asyncio.gather(*(_put(context, request, q) for q in asked))
    return OneChanged(tuple(Change(q.thing, q.shown, a) for q, a in zip(asked, answers, strict=True)))


async def _put(context: Context, request: Request, question: Question) -> Answer:
    """The answer; a credential that is taken now was refused a moment ago, and has to be taken again: replicas that
    differ would otherwise pass for the change."""
    changed, sent = _changed(request, question), Sent(question.carries)
    answer = await put(context, changed, sent)
    if not question.carries or not answer.accepted:
        return answer
    more = await asyncio.gather(*(put(context, changed, sent) for _ in range(_CONFIRMED)))
    return next((a for a in more if not a.accepted), answer)


def _accept(target: Target) -> str:
    held = target.entry.headers if isinstance(target.entry, Remote) else {}
    return next((v.reveal().strip() for n, v in held.items() if n.lower() == "accept"), "")


def _changed(request: Request, question: Question) -> Request:
    new = {n.lower() for n in question.headers}
    kept: dict[str, Secret | str] = {n: v for n, v in request.headers.items() if n.lower() not in new}
    added = {n: v for n, v in question.headers.items() if v}
    return replace(request, url=question.url or request.url, headers={**kept, **added})


PROBE = Probe("one-changed", "the same request with one thing changed", OneChanged, one_changed)
