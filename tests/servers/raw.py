"""A server that answers with the very bytes a test gives it; for what no real server would do on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        return json.loads(self.body) if self.body else {}


@dataclass
class Raw:
    """Where it listens, and what it was asked so far."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "/mcp") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


Answerer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def answer(
    status: int, body: bytes | dict[str, Any] = b"", kind: str = "application/json", **more: str
) -> bytes:
    """A whole HTTP answer; keywords are header fields with ``_`` for ``-``."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Any", f"content-length: {len(content)}", "connection: close"]
    lines += [f"content-type: {kind}"] if content else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@asynccontextmanager
async def raw_server(answerer: Answerer) -> AsyncIterator[Raw]:
    """Serve on loopback until the block ends; every connection is closed then."""
    raw = Raw()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            method, path, _ = head[0].split(" ")
            pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
            headers = {name.lower(): value.strip() for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            asked = Asked(method, path, headers, body)
            raw.asked.append(asked)
            await answerer(asked, writer)
            await writer.drain()
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    raw.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield raw
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def always(content: bytes) -> Answerer:
    """The same answer to everything."""

    async def reply(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(content)

    return reply
