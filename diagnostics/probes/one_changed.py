"""The request that was turned away, put again with one thing changed: what makes the difference is the cause."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from wizard.entries import Remote
from wizard.secret import Secret

from ..edge_facts import Change, OneChanged
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..one_variable import Question, questions
from ..sending import Sent, credential_of, live
from ..target import Target
from ..wire_facts import Differential, Request
from .differential import put


async def one_changed(
    context: Context, situation: Situation, differential: Differential, request: Request
) -> OneChanged | Skip:
    """All at once, and to the target's own address; the credential goes along only where it is what is changed."""
    target = context.target
    sent = credential_of(target, live(target)).headers
    legs = len(target.service.legs) > 1 if target.service else False
    asked = questions(situation, differential, request, sent, legs=legs, accept=_accept(target))
    if not asked:
        return Skip("no answer calls for it")
    answers = await asyncio.gather(*(put(context, _changed(request, q), Sent(q.carries)) for q in asked))
    return OneChanged(tuple(Change(q.thing, q.shown, a) for q, a in zip(asked, answers, strict=True)))


def _accept(target: Target) -> str:
    held = target.entry.headers if isinstance(target.entry, Remote) else {}
    return next((v.reveal().strip() for n, v in held.items() if n.lower() == "accept"), "")


def _changed(request: Request, question: Question) -> Request:
    new = {n.lower() for n in question.headers}
    kept: dict[str, Secret | str] = {n: v for n, v in request.headers.items() if n.lower() not in new}
    added = {n: v for n, v in question.headers.items() if v}
    return replace(request, url=question.url or request.url, headers={**kept, **added})


PROBE = Probe("one-changed", "the same request with one thing changed", OneChanged, one_changed)
