"""MCP over streamable HTTP: the stateless wire first, then `initialize`, each in its own words.

Which wire a server speaks is decided as 2026-07-28 says (basic/transports, basic/versioning): the modern request
is sent first, and a 4xx is read before anything else is tried. 401, 403, 429 and 5xx end the matter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from diagnostics import answers
from wizard.errors import TransportError
from wizard.secret import Secret
from wizard.transport import Reply, origin
from wizard.urls import parted

from . import messages
from .events import Event, events
from .messages import Message

if TYPE_CHECKING:
    from wizard.entries import Remote
    from wizard.transport import StreamReply, Transport

ACCEPT: Final = "application/json, text/event-stream"
_KEEPS_METHOD: Final = frozenset({307, 308})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GOODBYE: Final = 2.0

Answer = tuple[Message | None, Reply]


def own_headers(entry: Remote, ours: Mapping[str, Secret | str]) -> dict[str, Secret | str]:
    """The entry's headers with ours in place of any of the same name."""
    taken = {name.lower() for name in ours}
    return {**{k: v for k, v in entry.headers.items() if k.lower() not in taken}, **ours}


class HttpChannel:
    """Streamable HTTP, either era; `discover` or `initialize` settles which."""

    def __init__(self, entry: Remote, transport: Transport, timeout: float) -> None:
        self.wire = "initialize"
        self.url = entry.url
        self._query = dict(entry.query)
        self._entry = entry
        self._transport = transport
        self._timeout = timeout
        self._session: Secret | None = None
        self._protocol = ""
        self._last = 0

    async def discover(self) -> Message | Reply | None:
        """Ask in the modern way. None where the server is of the older era; the reply itself where nothing may be
        posted here at all (405). Raises: McpError, TransportError."""
        answer, reply = await self._post(messages.modern_request(self._number(), "server/discover"))
        code = messages.error_code(answer) if answer else None
        if reply.status == 403 and code is None:
            # a gateway that allows methods by name refuses those that are newer than its rules
            return None
        if messages.is_final(reply.status):
            raise messages.refused(reply, code)
        if reply.status in _REDIRECTS:
            raise messages.redirected(reply)
        if reply.status == 405:
            return reply
        if answer is None:
            if reply.status < 300 and answers.is_web_page(reply):
                raise messages.not_mcp(reply)
            return None
        if code == messages.UNSUPPORTED_VERSION and _also_older(answer):
            return None
        if code in messages.MODERN_CODES:
            return messages.result_of(answer, reply)
        if code == messages.METHOD_NOT_FOUND and reply.status == 404:
            self.wire = "stateless"
            return {}
        if code is not None or not _speaks_modern(answer):
            return None
        self.wire = "stateless"
        return {"protocolVersion": messages.MODERN, **messages.result_of(answer, reply)}

    async def initialize(self) -> Message | Reply:
        """Open a session; the reply itself where it says that this is no streamable HTTP endpoint."""
        answer, reply = await self._post(
            messages.request(self._number(), "initialize", messages.initialize_params())
        )
        not_here = reply.status in (404, 405) or (reply.status == 400 and answer is None)
        if not_here:
            return reply
        result = self._settle(answer, reply)
        session = reply.headers.get("mcp-session-id")
        self._session = Secret(session) if session else None
        version = result.get("protocolVersion")
        self._protocol = version if isinstance(version, str) else messages.HANDSHAKE
        _, heard = await self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        if messages.is_final(heard.status):
            raise messages.refused(heard)
        return result

    async def ask(
        self, method: str, params: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> Message:
        """The result of one request, within ``timeout`` seconds (None: those of every answer). Raises: McpError,
        TransportError."""
        build = messages.modern_request if self.wire == "stateless" else messages.request
        return self._settle(*await self._post(build(self._number(), method, params), timeout))

    async def close(self) -> None:
        """End the session as the server would like it; whether it listens is its own affair."""
        if self._session is None:
            return
        headers = own_headers(self._entry, self._session_headers())
        try:
            await self._transport.send(
                "DELETE", self.url, headers=headers, query=self._query, timeout=_GOODBYE
            )
        except TransportError:
            return

    def _number(self) -> int:
        self._last += 1
        return self._last

    def _session_headers(self) -> dict[str, Secret | str]:
        headers: dict[str, Secret | str] = {}
        if self._protocol:
            headers["MCP-Protocol-Version"] = self._protocol
        if self._session is not None:
            headers["Mcp-Session-Id"] = self._session
        return headers

    def _settle(self, answer: Message | None, reply: Reply) -> Message:
        if messages.is_final(reply.status):
            raise messages.refused(reply, messages.error_code(answer) if answer else None)
        if reply.status in _REDIRECTS:
            raise messages.redirected(reply)
        if answer is None:
            raise messages.not_mcp(reply)
        return messages.result_of(answer, reply)

    async def _post(self, message: Message, timeout: float | None = None) -> Answer:
        """Send a message and have its answer. A redirect that keeps the method is followed within the origin."""
        ours: dict[str, Secret | str] = {"Accept": ACCEPT, "Content-Type": "application/json"}
        modern = "_meta" in message.get("params", {})
        ours |= messages.modern_headers(message) if modern else self._session_headers()
        headers = own_headers(self._entry, ours)
        body = messages.encode(message)
        for _ in range(self._transport.limits.redirects + 1):
            async with self._transport.stream(
                "POST",
                self.url,
                headers=headers,
                query=self._query,
                body=body,
                timeout=timeout or self._timeout,
            ) as answer:
                found = await self._read(answer, message.get("id"))
            place = found[1].headers.get("location")
            if found[1].status not in _KEEPS_METHOD or not place:
                return found
            onward = urljoin(self.url, place)
            if origin(onward) != origin(self.url):
                return found
            # a client sends what the new address says: a parameter that it leaves out is lost
            self.url, kept = parted(onward, self._query)
            self._query = {name: Secret(value) for name, value in kept.items()}
        raise TransportError(
            "too-many-redirects",
            "The server redirects without end.",
            f"{self._transport.limits.redirects} redirects were followed.",
            ["Ask the server's admin where the service really answers."],
        )

    async def _read(self, answer: StreamReply, number: int | None) -> Answer:
        kind = (answer.headers.get("content-type") or "").lower()
        if not kind.startswith("text/event-stream"):
            body = await answer.read()
            reply = Reply(answer.status, answer.headers, body, self.url, answer.number)
            found = [m for m in messages.decode(body) if number is not None and messages.is_answer(m, number)]
            return (found[0] if found else None), reply
        reply = Reply(answer.status, answer.headers, b"", self.url, answer.number)
        async with aclosing(events(answer.aiter_bytes())) as stream:
            found_one = await self._wait(stream, number)
        return found_one, reply

    async def _wait(self, stream: AsyncIterator[Event], number: int | None) -> Message | None:
        if number is None:
            return None
        async for event in stream:
            for message in messages.decode(event.data):
                if messages.is_answer(message, number):
                    return message
                back = messages.answer_to(message)
                if back is not None and self.wire != "stateless":
                    await self._post(back)
        return None


def _speaks_modern(answer: Message) -> bool:
    result = answer.get("result")
    versions = result.get("supportedVersions") if isinstance(result, dict) else None
    return isinstance(versions, list) and messages.MODERN in versions


def _also_older(answer: Message) -> bool:
    """Whether a refusal of our version names one that begins with `initialize` (all of them are older dates)."""
    error = answer["error"]
    data = error.get("data") if isinstance(error, dict) else None
    supported = data.get("supported") if isinstance(data, dict) else None
    if not isinstance(supported, list):
        return True
    return any(isinstance(v, str) and v < messages.MODERN for v in supported)
