"""Who waits for which answer, where answers come on a stream of their own (legacy SSE, stdio)."""

from __future__ import annotations

import asyncio

from .messages import McpError, Message, answer_to, is_answer


class Mailbox:
    """One waiter per request number; a failure of the stream reaches all of them, and all who come later."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._failure: Exception | None = None
        self._last = 0

    def number(self) -> int:
        """The next request's number."""
        self._last += 1
        return self._last

    def deliver(self, message: Message) -> Message | None:
        """Hand a message to who waits for it; what is to be sent back where the server asks something."""
        for number, future in self._waiting.items():
            if is_answer(message, number) and not future.done():
                future.set_result(message)
                return None
        return answer_to(message)

    def fail(self, failure: Exception) -> None:
        """No answer will come any more."""
        self._failure = self._failure or failure
        for future in self._waiting.values():
            if not future.done():
                future.cancel()

    async def answer(self, number: int, timeout: float) -> Message:
        """Wait for the answer. Raises: McpError ``no-answer`` after the time-out, or what the stream failed with."""
        if self._failure:
            raise self._failure
        future = self._waiting.get(number) or self.expect(number)
        done, _ = await asyncio.wait({future}, timeout=timeout)
        self.forget(number)
        if self._failure and (not done or future.cancelled()):
            raise self._failure
        if not done:
            raise McpError("no-answer", "The MCP server did not answer.", f"{timeout:g} seconds were waited.")
        return future.result()

    def expect(self, number: int) -> asyncio.Future[Message]:
        """Wait from now on, also for an answer that comes before the request was wholly sent."""
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        return future

    def forget(self, number: int) -> None:
        """Wait no more."""
        future = self._waiting.pop(number, None)
        if future is not None and not future.done():
            future.cancel()
