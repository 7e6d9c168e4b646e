"""The access token that a target is to be asked with, got before anything else is: as its method says, or as the
server's own metadata says where nobody said how to sign in."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from diagnostics.sending import Sent, live, without_credential
from diagnostics.speaks import speaks_of_mcp
from wizard.entries import Remote
from wizard.errors import AuthwizardError
from wizard.transport import Reply

from .ask import Taken, ask_api, ask_mcp, failed, get, judge
from .login import Renewal

if TYPE_CHECKING:
    from diagnostics.target import Target
    from wizard.oauth.person import Person
    from wizard.transport import Transport

    from .token_request import TokenRequest

_ANSWER: Final = 15.0


async def aim(
    target: Target, transport: Transport, renewal: Renewal, timeout: float
) -> tuple[TokenRequest | None, Taken | None]:
    """How asking for the token went (None where none is due), and how the server takes a request without one where it
    had to be asked that first. ``timeout`` is for a single answer."""
    if not renewal.due(target):
        return await renewal.chosen(target), None
    alone, speaks = await _alone(target, transport, timeout)
    return await renewal.first(target, alone, speaks), alone


async def logged_in(
    target: Target, transport: Transport, person: Person, *, budget: float
) -> TokenRequest | None:
    """The login that a diagnosis begins with. ``budget`` is its time in seconds; what is not done then, is said."""
    renewal = Renewal(transport, person, willing=True)
    renewal.tell(None)
    try:
        async with asyncio.timeout(budget):
            asked, _ = await aim(target, transport, renewal, min(_ANSWER, transport.timeout))
    except TimeoutError:
        # where no login had begun, the probes find out why nothing came of it
        return renewal.late(None, target, renewal.awaited, budget) if renewal.awaited else None
    return asked


async def find_out(target: Target, transport: Transport, sent: Sent) -> tuple[str, Reply | Taken]:
    """What the address speaks (``mcp`` or ``api``), and what a GET of it was answered."""
    began = time.monotonic()
    try:
        reply = await get(transport, target.url, sent)
    except AuthwizardError as error:
        return "api", failed(error, time.monotonic() - began)
    return ("mcp" if speaks_of_mcp(target.url, reply) else "api"), reply


async def _alone(target: Target, transport: Transport, timeout: float) -> tuple[Taken, str]:
    """How the server takes a request without a credential, and what it speaks."""
    entry, sent = target.entry, live(target)
    assert isinstance(entry, Remote)  # noqa: S101  # only a remote entry can be due
    without = without_credential(target, sent)
    speaks, first = target.speaks, None
    if not speaks:
        speaks, first = await find_out(target, transport, sent)
    if speaks == "mcp":
        return await ask_mcp(transport, entry, without, timeout), speaks
    if first is None:
        return await ask_api(transport, target.url, without, target.live), speaks
    return (judge(first, live=target.live) if isinstance(first, Reply) else first), speaks
