"""A goodbye is said, and not waited for."""

from __future__ import annotations

import threading

from servers.scripted import Asked, Reply, scripted

from wizard.errors import TransportError
from wizard.transport import Transport


async def _end(transport: Transport, url: str) -> None:
    try:
        await transport.send("DELETE", url)
    except TransportError:
        return


async def test_a_server_that_is_slow_to_answer_hears_it_all_the_same() -> None:
    heard, answering = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Reply:
        if asked.method != "DELETE":
            return Reply(200)
        heard.set()
        answering.wait(20)
        return Reply(204)

    with scripted(slow) as site:
        async with Transport(timeout=30) as transport:
            await transport.send("GET", f"http://127.0.0.1:{site.port}/mcp")
            transport.meanwhile(_end(transport, f"http://127.0.0.1:{site.port}/mcp"))
            await transport.settled()
            assert not answering.is_set()
            _, told = transport.exchanges
            assert (told.method, told.status, told.error) == ("DELETE", None, "not-waited-for")
        assert heard.wait(10)
        answering.set()


async def test_one_that_answers_at_once_is_recorded() -> None:
    with scripted(lambda _: Reply(204)) as site:
        async with Transport(timeout=30) as transport:
            transport.meanwhile(_end(transport, f"http://127.0.0.1:{site.port}/mcp"))
            await transport.settled()
            assert [e.error for e in transport.exchanges] in ([""], ["not-waited-for"])
