"""Something answers, and it is no MCP server; or it never answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from diagnostics import doctor, targets
from diagnostics.causes import book
from wizard.transport import Limits, Transport


@asynccontextmanager
async def answering(reply: bytes | None) -> AsyncIterator[str]:
    """A raw server with one answer to everything; None: it takes the request and is silent."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            if reply is None:
                await asyncio.sleep(30)
            writer.write(reply or b"")
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp"
    finally:
        server.close()


def http(kind: str, body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n{more}\r\n".encode() + body


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (http("text/html", b"<html>Welcome</html>"), "web page"),
        (http("application/json", b"[]"), "no JSON-RPC message"),
        (http("application/json", b'{"jsonrpc": "2.0", "id"'), "no JSON-RPC message"),
        (http("text/plain", b"x" * 3000), "more than this program reads"),
        (b"", "closes the connection"),
        (http("text/plain", b"", "302 Found", "Location: /again\r\n"), "redirects"),
    ],
    ids=["page", "list", "cut", "large", "closes", "redirects"],
)
async def test_what_is_no_mcp_server_is_never_called_healthy(reply: bytes, says: str) -> None:
    async with answering(reply) as url, Transport(timeout=5, limits=Limits(body=2000)) as transport:
        target = targets.from_url(url, method="none", credential=None, headers={}, kind="mcp")
        diagnosis = await doctor.diagnose(target, transport)
    assert diagnosis.verdict == "broken"
    assert diagnosis.findings[0].cause == "wrong-transport-or-endpoint-path"
    assert says in diagnosis.findings[0].title


async def test_a_server_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(None) as url, Transport(timeout=0.4) as transport:
        target = targets.from_url(url, method="none", credential=None, headers={}, kind="mcp")
        diagnosis = await doctor.diagnose(target, transport)
        monkeypatch.delitem(book.REGISTRY, "connection-timed-out")
        without = await doctor.diagnose(target, transport)
    assert not without.findings
    assert diagnosis.verdict == "unreachable"
    assert diagnosis.findings[0].cause == "connection-timed-out"
