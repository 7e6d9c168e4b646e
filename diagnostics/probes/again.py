"""The same credential several times at once: replicas that do not agree give other answers to the same request."""

from __future__ import annotations

import asyncio
from typing import Final

from ..engine import Context, Probe, Skip
from ..facts import JwtView
from ..facts.edge import Again
from ..facts.wire import Answer, Differential, Request
from ..sending import credential_of, live
from .differential import put

_TIMES: Final = 5
_INSTANCE: Final = (
    "x-served-by",
    "x-backend",
    "x-backend-server",
    "x-instance-id",
    "x-pod-name",
    "x-server-id",
    "x-upstream",
)
_STICKY: Final = frozenset(
    {"AWSALB", "AWSALBCORS", "SERVERID", "INGRESSCOOKIE", "ROUTEID", "BIGipServer", "lb"}
)


async def again(
    context: Context, differential: Differential, request: Request, jwt: JwtView | None
) -> Again | Skip:
    """Where the credential is refused as a false one is, or where several instances show themselves."""
    real = differential.real
    if real is None or real.status is None or real.status == 429:
        return Skip("no credential was answered")
    refused = real.status == 401 and (jwt is None or real.same_as(differential.false))
    if not refused and not (real.accepted and _several(differential)):
        return Skip("one answer tells enough")
    if refused and _locks(context):
        return Skip("a password is not tried several times")
    sent = credential_of(context.target, live(context.target))
    return Again(tuple(await asyncio.gather(*(put(context, request, sent) for _ in range(_TIMES)))))


def _several(differential: Differential) -> bool:
    answers = [a for a in (differential.none, differential.false, differential.real) if a is not None]
    return any(len({m for a in answers if (m := a.marks.get(name))}) > 1 for name in _INSTANCE) or any(
        _balanced(a) for a in answers
    )


def _balanced(answer: Answer) -> bool:
    return bool(_STICKY & set(answer.marks.get("set-cookie", "").split()))


def _locks(context: Context) -> bool:
    """Whether the credential is a password: several wrong ones can lock the account."""
    sent = credential_of(context.target, live(context.target)).headers
    return any(v.reveal().strip().lower().startswith("basic ") for v in sent.values())


PROBE = Probe("again", "the same credential several times", Again, again)
