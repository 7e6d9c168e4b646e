"""Whether an MCP session that was opened is known a moment later: behind a balancer another instance may answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Final

from wizard.errors import TransportError
from wizard.secret import Secret

from ..asking import INITIALIZE, PROTOCOL, read
from ..engine import Context, Probe, Skip
from ..facts.edge import FollowUps
from ..facts.wire import Answer, Differential, Request
from ..sending import credential_of, live

_PINGS: Final = 3
_SECONDS: Final = 5.0


async def follow_ups(context: Context, differential: Differential, request: Request) -> FollowUps | Skip:
    """Only where the server keeps sessions and let us in: `initialize`, three times `ping` at once, and the end."""
    if request.kind != "mcp" or not differential.judged.accepted or not differential.judged.session:
        return Skip("no session was opened")
    sent = credential_of(context.target, live(context.target))
    headers: dict[str, Secret | str] = {**request.headers, **sent.headers}
    query = {**request.query, **sent.query}
    transport = context.transport
    try:
        opened = await transport.send(
            "POST", request.url, headers=headers, query=query, body=INITIALIZE, timeout=_SECONDS
        )
    except TransportError as error:
        return Skip(error.title.rstrip("."))
    session = opened.headers.get("mcp-session-id")
    if not session:
        return Skip("the second answer opened no session")
    within = {**headers, "Mcp-Session-Id": Secret(session), "MCP-Protocol-Version": PROTOCOL}
    answers = await asyncio.gather(*(_ping(context, request, within, query, n) for n in range(2, 2 + _PINGS)))
    transport.meanwhile(_quietly(context, request, within, query))
    kind = (opened.headers.get("content-type") or "").split(";")[0].strip().lower()
    return FollowUps(read(opened, kind, transport), tuple(answers))


async def _ping(
    context: Context,
    request: Request,
    headers: Mapping[str, Secret | str],
    query: Mapping[str, Secret],
    number: int,
) -> Answer:
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "ping"}).encode()
    try:
        reply = await context.transport.send(
            "POST", request.url, headers=headers, query=query, body=body, timeout=_SECONDS
        )
    except TransportError as error:
        return Answer(None, error.id)
    kind = (reply.headers.get("content-type") or "").split(";")[0].strip().lower()
    return read(reply, kind, context.transport)


async def _quietly(
    context: Context, request: Request, headers: Mapping[str, Secret | str], query: Mapping[str, Secret]
) -> None:
    try:
        await context.transport.send("DELETE", request.url, headers=headers, query=query, timeout=_SECONDS)
    except TransportError:
        return  # the server ends it by itself in time


PROBE = Probe("follow-ups", "a session, used at once", FollowUps, follow_ups)
