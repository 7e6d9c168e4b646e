"""The MCP server core: both wires and the older transport, met by the MCP SDK's own client and by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from sandbox import practice, rpc
from sandbox.practice import Practice, PracticeService
from sandbox.rpc import Core, McpTool, ToolAnswer

pytestmark = pytest.mark.slow

JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.fixture
def running(home: object) -> Iterator[Practice]:
    with practice.start() as started:
        yield started


@pytest.fixture(params=["fleet", "mcp"])
def service(running: Practice, request: pytest.FixtureRequest) -> PracticeService:
    return running.services[request.param]


def authorization(service: PracticeService) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.credentials['token'].reveal()}"}


@asynccontextmanager
async def sdk(service: PracticeService, mode: Any) -> AsyncIterator[Any]:
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(headers=authorization(service)) as web,
        Client(streamable_http_client(service.url, http_client=web), mode=mode) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_the_sdk_client_lists_and_calls(service: PracticeService, mode: str) -> None:
    async with sdk(service, mode) as client:
        tools = [t.name for t in (await client.list_tools()).tools]
        assert len(tools) == 2
        arguments = {"text": "hello", "name": "scout"}
        said = await client.call_tool(tools[0], arguments)
        assert not said.is_error
        assert said.content[0].text


@pytest.mark.filterwarnings("ignore:ping is removed")
async def test_the_sdk_client_pings_in_a_session(service: PracticeService) -> None:
    async with sdk(service, "legacy") as client:
        await client.send_ping()


async def test_the_sdk_client_speaks_the_older_transport(running: Practice) -> None:
    from mcp import ClientSession
    from mcp.client.sse import sse_client

    mcp = running.services["mcp"]
    url = mcp.url.replace("/mcp", "/sse")
    async with (
        sse_client(url, headers=authorization(mcp)) as (reading, writing),
        ClientSession(reading, writing) as session,
    ):
        begun = await session.initialize()
        assert begun.server_info.name == "practice-mcp"
        assert [t.name for t in (await session.list_tools()).tools] == ["echo", "add"]
        said = await session.call_tool("add", {"a": 2, "b": 3})
        assert said.content[0].text == "5"


class Hand:
    """A client by hand, for what a well-behaved one never sends."""

    def __init__(self, service: PracticeService) -> None:
        self.url = service.url
        self.web = httpx.Client(headers=authorization(service), trust_env=False)

    def post(self, body: object, **headers: str) -> httpx.Response:
        sent = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.web.post(self.url, content=content, headers=sent)

    def begin(self) -> str:
        answer = self.post(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "initialize",
                "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {}},
            }
        )
        assert answer.status_code == 200
        return answer.headers["mcp-session-id"]


@pytest.fixture
def hand(service: PracticeService) -> Iterator[Hand]:
    client = Hand(service)
    with client.web:
        yield client


def modern(method: str, **params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": {"_meta": META, **params}}


def stated(method: str, version: str = "2026-07-28", **more: str) -> dict[str, str]:
    return {"MCP_Protocol_Version": version, "Mcp_Method": method, **more}


def code(answer: httpx.Response) -> int:
    return int(answer.json()["error"]["code"])


def test_discover_names_the_versions_and_the_server(hand: Hand) -> None:
    answer = hand.post(modern("server/discover"), **stated("server/discover"))
    assert answer.status_code == 200
    assert "mcp-session-id" not in answer.headers
    result = answer.json()["result"]
    assert "2026-07-28" in result["supportedVersions"]
    assert result["resultType"] == "complete"
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] in ("fleet-mcp", "practice-mcp")


def test_headers_must_say_what_the_body_says(hand: Hand) -> None:
    body = modern("tools/list")
    for headers in (
        stated("tools/call"),
        stated("tools/list", version="2025-11-25"),
        {"MCP_Protocol_Version": "2026-07-28"},
        {"Mcp_Method": "tools/list"},
    ):
        answer = hand.post(body, **headers)
        assert (answer.status_code, code(answer)) == (400, rpc.HEADER_MISMATCH)
    call = modern("tools/call", name="echo")
    answer = hand.post(call, **stated("tools/call"))
    assert (answer.status_code, code(answer)) == (400, rpc.HEADER_MISMATCH)


def test_an_unknown_version_is_told_which_are_known(hand: Hand) -> None:
    body = modern("server/discover")
    body["params"] = {"_meta": META | {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}}
    answer = hand.post(body, **stated("server/discover", version="2099-01-01"))
    assert (answer.status_code, code(answer)) == (400, rpc.UNSUPPORTED_VERSION)
    assert "2026-07-28" in answer.json()["error"]["data"]["supported"]


def test_an_unknown_method_is_404_on_the_stateless_wire_and_an_answer_in_a_session(hand: Hand) -> None:
    for method in ("ping", "resources/list"):
        answer = hand.post(modern(method), **stated(method))
        assert (answer.status_code, code(answer)) == (404, rpc.METHOD_NOT_FOUND)
    session = hand.begin()
    body = {"jsonrpc": "2.0", "id": 2, "method": "resources/list"}
    answer = hand.post(body, Mcp_Session_Id=session)
    assert answer.status_code == 200
    assert "-32601" in answer.text


def test_a_missing_envelope_is_named(hand: Hand) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    answer = hand.post(body, **stated("tools/list"))
    assert (answer.status_code, code(answer)) == (400, rpc.INVALID_PARAMS)


def test_a_session_begins_is_needed_and_ends(hand: Hand) -> None:
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
    assert hand.post(ping).status_code == 400
    assert hand.post(ping, Mcp_Session_Id="unknown").status_code == 404
    session = hand.begin()
    noted = hand.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, Mcp_Session_Id=session)
    assert (noted.status_code, noted.content) == (202, b"")
    assert hand.post(ping, Mcp_Session_Id=session).status_code == 200
    assert hand.post(ping, Mcp_Session_Id=session, MCP_Protocol_Version="1999-01-01").status_code == 400
    assert hand.web.delete(hand.url, headers={"Mcp-Session-Id": session}).status_code == 204
    assert hand.post(ping, Mcp_Session_Id=session).status_code == 404
    assert hand.web.delete(hand.url).status_code == 400


def test_http_rules_of_the_endpoint(hand: Hand) -> None:
    got = hand.web.get(hand.url, headers={"Accept": "text/event-stream"})
    assert (got.status_code, got.headers["allow"]) == (405, "POST, DELETE")
    assert hand.post(modern("tools/list"), Accept="application/json").status_code == 406
    assert hand.post(modern("tools/list"), Content_Type="text/plain").status_code == 415
    assert hand.post(modern("server/discover"), Origin="https://evil.example").status_code == 403
    assert hand.post(modern("server/discover"), Host="evil.example").status_code == 403
    assert hand.post(modern("server/discover"), Origin="null").status_code == 403


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", rpc.PARSE_ERROR),
        (b"\xff", rpc.PARSE_ERROR),
        (b"[" * 50_000, rpc.PARSE_ERROR),
        (b"[]", rpc.INVALID_REQUEST),
        (b'{"id": 1}', rpc.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', rpc.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "ping"}', rpc.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": 3}', rpc.INVALID_PARAMS),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}', rpc.INVALID_PARAMS),
    ],
)
def test_a_body_that_is_no_message_is_an_error_not_a_crash(hand: Hand, body: bytes, expected: int) -> None:
    answer = hand.post(body)
    assert (answer.status_code, code(answer)) == (400, expected)


def test_a_posted_message_without_a_stream_is_404(running: Practice) -> None:
    mcp = running.services["mcp"]
    with httpx.Client(headers=authorization(mcp), trust_env=False) as web:
        url = mcp.url.replace("/mcp", "/messages?session=unknown")
        assert web.post(url, json={}).status_code == 404


def _core(count: int, page: int) -> Core:
    tools = tuple(McpTool(f"tool{n}", "", lambda _: ToolAnswer("")) for n in range(count))
    return Core("core", "1", tools, page)


@pytest.mark.parametrize(("count", "page"), [(0, 5), (1, 1), (5, 2), (6, 3), (3, 50)])
def test_pages_hold_every_tool_once(count: int, page: int) -> None:
    core, names, params = _core(count, page), [], {}
    for _ in range(count + 2):
        result: Any = core.result("tools/list", params)
        names += [t["name"] for t in result["tools"]]
        if "nextCursor" not in result:
            break
        params = {"cursor": result["nextCursor"]}
    assert names == [f"tool{n}" for n in range(count)]


@pytest.mark.parametrize("cursor", ["", "0", "-1", "5", "99999999", "x", "²", 3, []])
def test_a_cursor_that_was_not_given_is_refused(cursor: object) -> None:
    with pytest.raises(rpc.RpcError) as caught:
        _core(5, 2).result("tools/list", {"cursor": cursor})
    assert caught.value.code == rpc.INVALID_PARAMS


def test_a_tool_that_does_not_exist_and_one_that_fails_differ(running: Practice) -> None:
    client = Hand(running.services["fleet"])
    with client.web:
        absent = client.post(
            modern("tools/call", name="nothing"), **stated("tools/call", Mcp_Name="nothing")
        ).json()
        failed = client.post(
            modern("tools/call", name="get_agent", arguments={"name": "nobody"}),
            **stated("tools/call", Mcp_Name="get_agent"),
        ).json()
    assert absent["error"]["code"] == rpc.INVALID_PARAMS
    assert failed["result"]["isError"] is True


def test_the_protected_server_says_what_it_protects(running: Practice) -> None:
    mcp = running.services["mcp"]
    origin = mcp.url.removesuffix("/mcp")
    with httpx.Client(trust_env=False) as web:
        refused = web.post(mcp.url, json=modern("server/discover"))
        assert refused.status_code == 401
        said = refused.headers["www-authenticate"]
        assert f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"' in said
        assert "error=" not in said
        for path in ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"):
            assert web.get(origin + path).json()["resource"] == mcp.url
        false = web.post(mcp.url, json={}, headers={"Authorization": "Bearer false"})
        assert 'error="invalid_token"' in false.headers["www-authenticate"]


def test_a_jwt_of_the_server_is_accepted_and_each_wrong_one_refused(running: Practice) -> None:
    import jwt

    mcp = running.services["mcp"]
    origin = mcp.url.removesuffix("/mcp")
    with httpx.Client(trust_env=False) as web:

        def status(token: str) -> int:
            headers = JSON | {"Authorization": f"Bearer {token}"}
            headers |= {n.replace("_", "-"): v for n, v in stated("server/discover").items()}
            return web.post(mcp.url, json=modern("server/discover"), headers=headers).status_code

        good = running.issue_jwt().reveal()
        assert status(good) == 200
        keys = jwt.PyJWKSet.from_dict(web.get(f"{origin}/jwks").json())
        assert jwt.decode(good, keys["practice"], ["RS256"], audience=mcp.url)["iss"] == origin
        for wrong in ({"aud": "account"}, {"iss": "other"}, {"exp": 1}, {"exp": None}, {"aud": None}):
            assert status(running.issue_jwt(**wrong).reveal()) == 401
        assert status(jwt.encode({"aud": mcp.url, "iss": origin}, "x" * 32, algorithm="HS256")) == 401
        assert status(good[:-4] + "AAAA") == 401
