"""MCP over HTTP+SSE, the transport of 2024-11-05: answers come on one long GET, questions go to the address that
it names first. That address must be of the same origin, for the credential goes there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from diagnostics import answers
from wizard.errors import JobError
from wizard.transport import Reply, origin

from . import messages
from .events import Event, events
from .http import own_headers
from .mailbox import Mailbox
from .messages import McpError, Message

if TYPE_CHECKING:
    from wizard.entries import Remote
    from wizard.transport import StreamReply, Transport

_LONGEST: Final = 600.0


class SseChannel:
    """One legacy session; `open` first, `close` last."""

    wire: Final = "sse"

    def __init__(self, entry: Remote, transport: Transport, timeout: float) -> None:
        self._entry = entry
        self._transport = transport
        self._timeout = timeout
        self._mail = Mailbox()
        self._reader: asyncio.Task[None] | None = None
        self._endpoint: asyncio.Future[str] | None = None

    async def open(self) -> Message:
        """Open the stream and initialize. Raises: McpError, TransportError."""
        self._endpoint = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())
        done, _ = await asyncio.wait({self._endpoint}, timeout=self._timeout)
        if not done:
            raise McpError(
                "no-answer",
                "The event stream does not name the address for messages.",
                f"{self._timeout:g} seconds were waited for its `endpoint` event.",
            )
        self._endpoint.result()
        result = await self.ask("initialize", messages.initialize_params())
        await self._post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    async def ask(
        self, method: str, params: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> Message:
        """The result of one request, within ``timeout`` seconds (None: those of every answer). Raises: McpError,
        TransportError."""
        number = self._mail.number()
        self._mail.expect(number)
        try:
            await self._post(messages.request(number, method, params))
            return messages.result_of(await self._mail.answer(number, timeout or self._timeout))
        finally:
            self._mail.forget(number)

    async def close(self) -> None:
        """Close the stream."""
        if self._endpoint is not None and not self._endpoint.done():
            self._endpoint.cancel()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader})

    async def _post(self, message: Message) -> None:
        assert self._endpoint is not None  # noqa: S101  # open() comes first
        headers = own_headers(self._entry, {"Content-Type": "application/json", "Accept": "application/json"})
        reply = await self._transport.send(
            "POST",
            self._endpoint.result(),
            headers=headers,
            body=messages.encode(message),
            timeout=self._timeout,
        )
        if messages.is_final(reply.status):
            raise messages.refused(reply)
        if reply.status >= 300:
            raise messages.redirected(reply) if reply.status < 400 else messages.not_mcp(reply)
        for answer in messages.decode(reply.body):
            self._mail.deliver(answer)

    async def _read(self) -> None:
        try:
            headers = own_headers(self._entry, {"Accept": "text/event-stream"})
            async with self._transport.stream(
                "GET", self._entry.url, headers=headers, query=self._entry.query, timeout=_LONGEST
            ) as answer:
                await self._check(answer)
                async with aclosing(events(answer.aiter_bytes())) as stream:
                    async for event in stream:
                        await self._take(event)
            raise McpError("stream-closed", "The server closed the event stream.")
        except JobError as failure:
            self._mail.fail(failure)
            if self._endpoint is not None and not self._endpoint.done():
                self._endpoint.set_exception(failure)

    async def _check(self, answer: StreamReply) -> None:
        kind = (answer.headers.get("content-type") or "").lower()
        if answer.status == 200 and kind.startswith("text/event-stream"):
            return
        reply = Reply(answer.status, answer.headers, await answer.read(), self._entry.url, answer.number)
        if messages.is_final(reply.status):
            raise messages.refused(reply)
        raise messages.redirected(reply) if 300 <= reply.status < 400 else messages.not_mcp(reply)

    async def _take(self, event: Event) -> None:
        if event.name == "endpoint":
            self._settle(event.data.strip())
            return
        for message in messages.decode(event.data):
            back = self._mail.deliver(message)
            if back is not None:
                await self._post(back)

    def _settle(self, place: str) -> None:
        if self._endpoint is None or self._endpoint.done():
            return
        try:
            url = urljoin(self._entry.url, place)
            same = origin(url) == origin(self._entry.url)
        except ValueError:
            url, same = place, False
        if not same:
            raise McpError(
                "endpoint-elsewhere",
                "The server names an address for messages on another origin.",
                f"It named {answers.clean(url, 120)}. Nothing was sent there: the credential is not for it.",
                ["Ask the server's admin to serve messages from the origin of the event stream."],
            )
        self._endpoint.set_result(url)
