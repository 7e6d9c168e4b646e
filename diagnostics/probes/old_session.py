"""Whether a client that runs still has the credential of before: its environment is that of its start."""

from __future__ import annotations

import asyncio
import os

from wizard import clients
from wizard.secret import Secret

from .. import client_processes
from ..engine import Context, Probe, Skip
from ..facts.cache import OldSession
from ..facts.wire import Differential, Request
from ..sending import Sent, credential_of, live
from .differential import put


async def old_session(context: Context, differential: Differential, request: Request) -> OldSession | Skip:
    """One request with the older value, to the same address, and only where the present one is accepted."""
    target = context.target
    if not target.client or differential.real is None or not differential.real.accepted:
        return Skip("no running client can have another credential than this one")
    referred = {r.variable for r in target.references if r.state == "resolved" and r.variable}
    real = credential_of(target, live(target))
    for process in await asyncio.to_thread(client_processes.sessions, target.client):
        for name in sorted(referred):
            mine, theirs = os.environ.get(name), process.environ.get(name)
            if not mine or not theirs or mine == theirs or not any(mine in v.reveal() for v in real.values()):
                continue
            answer = await put(context, request, _with(real, mine, theirs))
            return OldSession(clients.get(target.client).title, process.pid, process.program, name, answer)
    return Skip("no running client has another value of what the entry refers to")


def _with(real: Sent, mine: str, theirs: str) -> Sent:
    return real.map(lambda value: Secret(value.reveal().replace(mine, theirs)))


PROBE = Probe("old-session", "clients that were started before", OldSession, old_session)
