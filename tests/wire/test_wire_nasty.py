from __future__ import annotations

import asyncio
import secrets
import time

import pytest
from servers.raw import Answerer, Asked, Raw, always, answer, raw_server

from diagnostics import ladder
from diagnostics.mcp import McpError, open_session
from diagnostics.target import Target
from wizard.entries import Remote
from wizard.errors import AuthwizardError
from wizard.secret import Secret
from wizard.transport import Transport

HTML = b"<!DOCTYPE html><html><body>Welcome</body></html>"


async def _opening(
    answerer: Answerer, timeout: float = 5, transport: str = "http"
) -> tuple[AuthwizardError, Raw]:
    token = secrets.token_urlsafe(16)
    async with raw_server(answerer) as raw, Transport(timeout=timeout) as client:
        entry = Remote(raw.url(), {"Authorization": Secret(f"Bearer {token}")}, transport)
        with pytest.raises(AuthwizardError) as caught:
            async with open_session(entry, client, timeout=timeout):
                pass
    assert token not in str(caught.value.as_json())
    return caught.value, raw


@pytest.mark.parametrize("status", [200, 404])
async def test_a_web_page(status: int) -> None:
    error, _ = await _opening(always(answer(status, HTML, "text/html; charset=utf-8")))
    assert error.id == "web-page"
    assert error.title == "This is a web page, not an MCP server."


@pytest.mark.parametrize(
    ("status", "id"), [(401, "refused"), (403, "refused"), (429, "rate-limited"), (503, "server-error")]
)
async def test_a_final_word_is_not_answered_by_another_wire(status: int, id: str) -> None:
    error, raw = await _opening(always(answer(status, {"error": "why_not"}, retry_after="7")))
    assert isinstance(error, McpError)
    assert (error.id, error.status) == (id, status)
    assert "why_not" in error.detail
    # a gateway that allows methods by name refuses a new one with 403: `initialize` is asked all the same
    assert [a.message["method"] for a in raw.asked] == ["server/discover", "initialize"][
        : 2 if status == 403 else 1
    ]


async def test_a_refusal_inside_of_200() -> None:
    body = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": "Unauthorized"}}

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, {**body, "id": asked.message["id"]}))

    error, _ = await _opening(reply)
    assert isinstance(error, McpError)
    assert (error.id, error.code, error.status) == ("mcp-error", -32001, 200)
    assert error.detail == "-32001 Unauthorized"


async def test_a_redirect_to_a_login_page_is_not_followed() -> None:
    error, raw = await _opening(always(answer(302, location="https://login.example/start?x=1")))
    assert error.id == "redirected"
    assert "https://login.example/start" in error.detail
    assert len(raw.asked) == 1


async def test_a_redirect_that_keeps_the_method_stays_within_the_origin() -> None:
    async with raw_server(always(answer(200, {}))) as other:
        error, _ = await _opening(always(answer(307, location=other.url())))
        assert error.id == "redirected"
        assert other.asked == []


async def test_redirects_without_end() -> None:
    error, raw = await _opening(always(answer(307, location="/mcp")))
    assert error.id == "too-many-redirects"
    assert len(raw.asked) == 11


async def test_silence_closing_and_too_much() -> None:
    async def hang(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def close(_: Asked, __: asyncio.StreamWriter) -> None:
        return

    async def flood(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000000\r\n\r\n"
        )
        for _ in range(100):
            writer.write(b" " * 1_000_000)
            await writer.drain()

    began = time.monotonic()
    assert (await _opening(hang, 0.3))[0].id == "timeout"
    assert time.monotonic() - began < 3
    assert (await _opening(close))[0].id == "connection-closed"
    assert (await _opening(flood))[0].id == "too-large"


async def test_json_that_is_no_message() -> None:
    deep = b"[" * 100_000
    assert (await _opening(always(answer(200, deep))))[0].id == "not-mcp"
    assert (await _opening(always(answer(200, {"hello": "there"}))))[0].id == "not-mcp"


async def test_an_endpoint_on_another_origin_gets_nothing() -> None:
    stream = b"event: endpoint\ndata: http://elsewhere.example/messages\n\n"
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    error, raw = await _opening(always(head + stream), transport="sse")
    assert error.id == "endpoint-elsewhere"
    assert [a.method for a in raw.asked] == ["GET"]


async def test_a_stream_that_ends_early() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    assert (await _opening(always(head + b": hi\n\n"), transport="sse"))[0].id == "stream-closed"


def _older(tools: Answerer | None = None, discover: bytes | None = None) -> Answerer:
    """A server of 2025: sessions, and answers as event streams that ask back in between."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.method != "POST":
            writer.write(answer(200))
            return
        message = asked.message
        if message.get("method") == "server/discover":
            writer.write(discover or answer(400, b"Bad Request: no valid session ID", "text/plain"))
        elif message.get("method") == "initialize":
            result = {"protocolVersion": "2025-03-26", "serverInfo": {"name": "old\x1b[31m", "version": "1"}}
            body = {"jsonrpc": "2.0", "id": message["id"], "result": result}
            writer.write(answer(200, body, mcp_session_id="s-1"))
        elif "id" not in message or "method" not in message:
            writer.write(answer(202))
        elif message["method"] == "tools/list" and tools is not None:
            await tools(asked, writer)
        else:
            number = message["id"]
            stream = (
                ": comment\r\n\r\n"
                'data: {"jsonrpc":"2.0","id":"q1","method":"ping"}\r\n\r\n'
                'data: {"jsonrpc":"2.0","id":999,"result":{"tools":[{"name":"wrong"}]}}\r\n\r\n'
                f'event: message\r\ndata: {{"jsonrpc":"2.0",\r\ndata: "id":{number},"result":{{"tools":[]}}}}\r\n\r\n'
            )
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + stream.encode())
            await asyncio.sleep(0.5)

    return reply


@pytest.mark.parametrize(
    "discover",
    [
        None,
        answer(404, b"Not Found", "text/plain"),
        answer(400, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no"}}),
        answer(
            400,
            {
                "jsonrpc": "2.0",
                "id": 1,
                "error": {"code": -32022, "message": "no", "data": {"supported": ["2025-11-25"]}},
            },
        ),
    ],
)
async def test_a_server_of_the_older_era(discover: bytes | None) -> None:
    async with raw_server(_older(discover=discover)) as raw, Transport() as client:
        async with open_session(Remote(raw.url()), client, timeout=5) as session:
            assert (session.wire, session.protocol, session.server_name) == (
                "initialize",
                "2025-03-26",
                "old [31m",
            )
            assert await session.tools() == ()
        later = raw.asked[2:]
    assert all(a.headers["mcp-session-id"] == "s-1" for a in later)
    assert all(a.headers["mcp-protocol-version"] == "2025-03-26" for a in later)
    assert [a.message for a in later if "result" in a.message] == [
        {"jsonrpc": "2.0", "id": "q1", "result": {}}
    ]
    assert later[-1].method == "DELETE"


@pytest.mark.parametrize(
    ("code", "data"), [(-32020, {}), (-32021, {}), (-32022, {"supported": ["2099-01-01"]})]
)
async def test_a_modern_server_that_cannot_be_spoken_to(code: int, data: dict[str, object]) -> None:
    error = {"code": code, "message": "no", "data": data}
    seen, raw = await _opening(always(answer(400, {"jsonrpc": "2.0", "id": 1, "error": error})))
    assert isinstance(seen, McpError)
    assert seen.code == code
    assert len(raw.asked) == 1


async def test_a_modern_server_without_discover() -> None:
    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        number = asked.message["id"]
        if asked.message["method"] == "tools/list":
            writer.write(answer(200, {"jsonrpc": "2.0", "id": number, "result": {"tools": [{"name": "a"}]}}))
        else:
            error = {"code": -32601, "message": "Method not found"}
            writer.write(answer(404, {"jsonrpc": "2.0", "id": number, "error": error}))

    async with (
        raw_server(reply) as raw,
        Transport() as client,
        open_session(Remote(raw.url()), client, timeout=5) as session,
    ):
        assert session.wire == "stateless"
        assert [t.name for t in await session.tools()] == ["a"]


async def test_a_list_without_end() -> None:
    async def page(asked: Asked, writer: asyncio.StreamWriter) -> None:
        cursor = str(len(asked.message.get("params", {}).get("cursor", "")) + 1)
        result = {"tools": [{"name": f"t{cursor}"}], "nextCursor": "x" * int(cursor)}
        writer.write(answer(200, {"jsonrpc": "2.0", "id": asked.message["id"], "result": result}))

    async with (
        raw_server(_older(page)) as raw,
        Transport() as client,
        open_session(Remote(raw.url()), client, timeout=5) as session,
    ):
        with pytest.raises(McpError) as caught:
            await session.tools()
        assert len(raw.asked) == 103
    assert caught.value.id == "too-many-pages"


@pytest.mark.parametrize("kind", ["html", "hang", "close", "redirect", "limit"])
async def test_the_ladder_makes_steps_of_it(kind: str) -> None:
    async def hang(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def close(_: Asked, __: asyncio.StreamWriter) -> None:
        return

    answerers: dict[str, Answerer] = {
        "html": always(answer(200, HTML, "text/html")),
        "hang": hang,
        "close": close,
        "redirect": always(answer(307, location="/mcp")),
        "limit": always(answer(429, retry_after="30", x_ratelimit_remaining="0")),
    }
    async with raw_server(answerers[kind]) as raw, Transport(timeout=0.5) as client:
        token = Secret(secrets.token_urlsafe(16))
        entry = Remote(raw.url(), {"Authorization": token.map("Bearer ")})
        report = await ladder.run(
            Target("it", entry, "mcp", credential=token, secrets={"token": token}), client
        )
    steps = {s.id: s for s in report.steps}
    assert not report.ok
    assert steps["connect"].ok
    assert steps["tools"].ok is None
    assert steps["tools"].seen.startswith("waits for")
    assert all(s.seen for s in report.steps)
    if kind == "limit":
        assert steps["rate-limit"].ok is False
        assert "retry-after: 30" in steps["rate-limit"].seen


async def test_the_budget_ends_it_with_a_word() -> None:
    async def hang(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    began = time.monotonic()
    async with raw_server(hang) as raw, Transport() as client:
        report = await ladder.run(Target("it", Remote(raw.url()), "mcp"), client, budget=0.3)
    assert time.monotonic() - began < 3
    assert not report.ok
    assert any(s.ok is False and "not finished in 0.3 s" in s.seen for s in report.steps)


async def test_cancelling_passes_through() -> None:
    async def hang(_: Asked, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with raw_server(hang) as raw, Transport() as client:
        task = asyncio.create_task(ladder.run(Target("it", Remote(raw.url()), "mcp"), client))
        while not raw.asked:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_plain_api_gets_no_post() -> None:
    token = Secret(secrets.token_urlsafe(16))

    async def api(asked: Asked, writer: asyncio.StreamWriter) -> None:
        good = asked.headers.get("authorization") == f"Bearer {token.reveal()}"
        writer.write(answer(200 if good else 401, {"ok": good}, x_ratelimit_remaining="59"))

    async with raw_server(api) as raw, Transport() as client:
        entry = Remote(raw.url("/v1/things"), {"Authorization": token.map("Bearer ")})
        where = Target("it", entry, "", credential=token, secrets={"token": token})
        report = await ladder.run(where, client)
        assert {a.method for a in raw.asked} == {"GET"}
    steps = {s.id: s for s in report.steps}
    assert report.ok
    assert [steps[i].ok for i in ("no-credential", "credential", "false-credential")] == [True, True, True]
    assert steps["session"].seen == "skipped: this is a plain API"
    assert steps["rate-limit"].seen == "x-ratelimit-remaining: 59"


async def test_a_server_that_takes_any_credential() -> None:
    async def careless(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200 if asked.headers.get("authorization") else 401, {"ok": True}))

    async with raw_server(careless) as raw, Transport() as client:
        token = Secret(secrets.token_urlsafe(16))
        entry = Remote(raw.url("/v1"), {"Authorization": token.map("Bearer ")})
        report = await ladder.run(Target("it", entry, "api", credential=token), client)
    false = next(s for s in report.steps if s.id == "false-credential")
    assert not report.ok
    assert false.ok is False
    assert "yours was not checked" in false.detail
