"""What comes after `initialize`: whether the session is known a moment later (behind a balancer another instance may
answer), and whether the tools are listed, which some servers alone want a credential for."""

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
from ..sending import Sent, credential_of, false_value, live

_PINGS: Final = 3
_SECONDS: Final = 5.0
_PING: Final = "ping"
_BEGUN: Final = "notifications/initialized"
_LIST: Final = "tools/list"


class _Within:
    """Requests of one kind: with its headers, its credential, and the session where there is one."""

    def __init__(self, context: Context, request: Request) -> None:
        self.transport = context.transport
        self.request = request
        self.session: dict[str, Secret | str] = {}
        self.own = credential_of(context.target, live(context.target))

    async def send(self, body: bytes, sent: Sent) -> tuple[Answer, str]:
        """The answer, and the session that it opens."""
        headers = {**self.request.headers, **sent.headers, **self.session}
        query = {**self.request.query, **sent.query}
        try:
            reply = await self.transport.send(
                "POST", self.request.url, headers=headers, query=query, body=body, timeout=_SECONDS
            )
        except TransportError as error:
            return Answer(None, error.id), ""
        kind = (reply.headers.get("content-type") or "").split(";")[0].strip().lower()
        return read(reply, kind, self.transport), reply.headers.get("mcp-session-id") or ""

    async def say(self, method: str, number: int = 0, sent: Sent | None = None) -> Answer:
        """The answer to a message without parameters; one without a number is not answered."""
        message: Mapping[str, object] = {
            "jsonrpc": "2.0",
            "method": method,
            **({"id": number} if number else {}),
        }
        return (await self.send(json.dumps(message).encode(), self.own if sent is None else sent))[0]

    async def quietly(self) -> None:
        """End the session."""
        headers = {**self.request.headers, **self.own.headers, **self.session}
        query = {**self.request.query, **self.own.query}
        try:
            await self.transport.send(
                "DELETE", self.request.url, headers=headers, query=query, timeout=_SECONDS
            )
        except TransportError:
            return  # the server ends it by itself in time


async def follow_ups(context: Context, differential: Differential, request: Request) -> FollowUps | Skip:
    """Where the server lets us in: in a session of its own three times `ping`, and `tools/list`, all at once."""
    judged = differential.judged
    if request.kind != "mcp" or not differential.served:
        return Skip("initialize was not answered by a result")
    within = _Within(context, request)
    if not judged.session:
        listed = await within.say(_LIST, 2)
        return FollowUps(judged, (), listed, await _refused(within, listed))
    opened, session = await within.send(INITIALIZE, within.own)
    if opened.error:
        return Skip(f"the second initialize was not answered ({opened.error})")
    if not session:
        return Skip("the second answer opened no session")
    within.session = {"Mcp-Session-Id": Secret(session), "MCP-Protocol-Version": PROTOCOL}
    pings = [within.say(_PING, n) for n in range(3, 3 + _PINGS)]
    _, listed, *answers = await asyncio.gather(within.say(_BEGUN), within.say(_LIST, 2), *pings)
    if listed.rpc_error or listed.failed:
        # it may have come before the notification that has to precede it
        listed = await within.say(_LIST, 2)
    refused = await _refused(within, listed)
    context.transport.meanwhile(within.quietly())
    return FollowUps(opened, tuple(answers), listed, refused)


async def _refused(within: _Within, listed: Answer) -> Differential | None:
    """The same without a credential and with a false one, where it is refused."""
    if not listed.refused or listed.status == 400:
        return None
    false = within.own.map(false_value) or Sent({"Authorization": false_value(Secret("Bearer x"))})
    within.transport.know(*false.values())
    asked = [within.say(_LIST, 2, Sent()), within.say(_LIST, 2, false)]
    none, other = await asyncio.gather(*asked)
    return Differential(within.request.kind, none, other, listed if within.own else None)


PROBE = Probe("follow-ups", "a session, and its tools", FollowUps, follow_ups)
