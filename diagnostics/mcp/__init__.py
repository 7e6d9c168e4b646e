"""Our own MCP client: small, seen to the last byte, on every wire that servers speak."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from wizard.entries import Entry, Remote

from .messages import CallResult, McpError, ToolInfo
from .session import Session

if TYPE_CHECKING:
    from wizard.transport import Transport

__all__ = ["CallResult", "McpError", "Session", "ToolInfo", "open_session"]


@asynccontextmanager
async def open_session(entry: Entry, transport: Transport, *, timeout: float = 15) -> AsyncIterator[Session]:
    """A session with the server of this entry; ``timeout`` in seconds is for each answer.

    Of a remote entry the stateless wire is tried first, then `initialize`, then HTTP+SSE; of a stdio entry the
    command is started, and ended with all its children. Raises: McpError, TransportError.
    """
    if not isinstance(entry, Remote):
        from .stdio import StdioChannel

        child = StdioChannel(entry, transport, timeout)
        try:
            said = await child.open()
            yield Session(child, said, child.notes)
        finally:
            await child.close()
        return

    from .http import HttpChannel
    from .sse import SseChannel

    refusal: McpError | None = None
    if entry.transport != "sse":
        channel = HttpChannel(entry, transport, timeout)
        try:
            found = await channel.discover()
            opened = await channel.initialize() if found is None else found
            if isinstance(opened, dict):
                yield Session(channel, opened)
                return
        finally:
            await channel.close()
        from .messages import not_mcp

        refusal = not_mcp(opened)
    legacy = SseChannel(entry, transport, timeout)
    try:
        try:
            said = await legacy.open()
        except McpError as failure:
            # Where this wire says no more than "not here" either, the first answer tells more.
            if refusal is not None and failure.id in ("not-mcp", "web-page", "redirected"):
                raise refusal from failure
            raise
        yield Session(legacy, said)
    finally:
        await legacy.close()
