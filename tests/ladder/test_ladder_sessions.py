from __future__ import annotations

import os
import secrets

import pytest
from servers.real import RealServer

from diagnostics.mcp import McpError, open_session
from wizard.entries import Remote, Stdio
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow


def _remote(server: RealServer, token: str = "", transport: str = "http") -> Remote:
    token = token or server.token
    headers = {"Authorization": Secret(f"Bearer {token}")} if token else {}
    return Remote(server.url, headers, transport)


async def _walk(entry: Remote, tool: str, args: dict[str, object]) -> tuple[str, str, set[str], str]:
    async with Transport(timeout=10) as transport:
        async with open_session(entry, transport) as session:
            await session.ping()
            names = {t.name for t in await session.tools()}
            result = await session.call(tool, args)
            assert not result.is_error
            name, wire = session.server_name, session.wire
        for exchange in transport.exchanges:
            assert entry.headers == {} or entry.headers["Authorization"].reveal() not in repr(exchange)
    return wire, name, names, result.text


async def test_fastmcp_speaks_the_stateless_wire(fastmcp_static: RealServer) -> None:
    seen = await _walk(_remote(fastmcp_static), "add", {"a": 2, "b": 3})
    assert seen == ("stateless", "real-static", {"add", "fail"}, "5")


async def test_fastmcp_verifies_a_jwt(fastmcp_jwt: RealServer) -> None:
    wire, name, _, text = await _walk(_remote(fastmcp_jwt), "add", {"a": 1, "b": 1})
    assert (wire, name, text) == ("stateless", "real-jwt", "2")


async def test_the_sdks_server(sdk_server: RealServer) -> None:
    wire, name, names, text = await _walk(_remote(sdk_server), "echo", {"text": "grüß"})
    assert (wire, name, names, text) == ("stateless", "real-sdk", {"echo", "variable"}, "grüß")


async def test_the_handshake_wire_with_a_session(
    fastmcp_static: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diagnostics.mcp.http import HttpChannel

    async def older(self: HttpChannel) -> None:
        return None

    monkeypatch.setattr(HttpChannel, "discover", older)
    async with Transport(timeout=10) as transport:
        async with open_session(_remote(fastmcp_static), transport) as session:
            await session.ping()
            assert session.wire == "initialize"
            assert session.protocol == "2025-11-25"
            assert {t.name for t in await session.tools()} == {"add", "fail"}
            assert (await session.call("add", {"a": 4, "b": 5})).text == "9"
        methods = [x.method for x in transport.exchanges]
    assert methods[-1] == "DELETE"
    assert transport.exchanges[-1].status == 200


@pytest.mark.parametrize("name", ["fastmcp_sse", "sdk_sse_server"])
@pytest.mark.parametrize("transport", ["sse", "http"])
async def test_legacy_event_streams(name: str, transport: str, request: pytest.FixtureRequest) -> None:
    server: RealServer = request.getfixturevalue(name)
    tool, args = ("echo", {"text": "7"}) if name.startswith("sdk") else ("add", {"a": 3, "b": 4})
    wire, _, names, text = await _walk(_remote(server, transport=transport), tool, args)
    assert wire == "sse"
    assert tool in names
    assert text == "7"


@pytest.mark.parametrize(
    "name", ["fastmcp_static", "fastmcp_jwt", "fastmcp_sse", "sdk_server", "sdk_sse_server"]
)
async def test_a_false_credential_is_refused_on_every_wire(name: str, request: pytest.FixtureRequest) -> None:
    server: RealServer = request.getfixturevalue(name)
    false = secrets.token_urlsafe(24)
    async with Transport(timeout=10) as transport:
        with pytest.raises(McpError) as caught:
            async with open_session(_remote(server, false), transport):
                pass
    assert caught.value.id == "refused"
    assert caught.value.status == 401
    assert caught.value.reply is not None
    assert caught.value.reply.headers.get("www-authenticate")
    assert len(transport.exchanges) <= 2
    assert false not in str(caught.value.as_json())


async def test_tool_errors_are_results_and_unknown_tools_are_errors(fastmcp_open: RealServer) -> None:
    async with Transport(timeout=10) as transport, open_session(_remote(fastmcp_open), transport) as session:
        assert (await session.call("fail", {})).is_error
        try:
            unknown = (await session.call("no such tool ✓", {})).is_error
        except McpError as error:
            unknown = error.code is not None
        assert unknown


async def test_a_stdio_server_gets_its_environment(sdk_stdio: tuple[str, ...]) -> None:
    token = secrets.token_urlsafe(24)
    entry = Stdio(sdk_stdio, {"E_TOKEN": Secret(token)})
    async with Transport() as transport, open_session(entry, transport, timeout=30) as session:
        assert (session.wire, session.server_name) == ("stdio", "real-sdk")
        await session.ping()
        assert {t.name for t in await session.tools()} == {"echo", "variable"}
        assert (await session.call("variable", {"name": "E_TOKEN"})).text == "set"
        assert (await session.call("variable", {"name": "E_OTHER"})).text == "not set"
    assert "E_TOKEN" not in os.environ
