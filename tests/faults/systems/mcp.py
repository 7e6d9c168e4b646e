"""Systems that are well: MCP servers in each of the ways in which they may answer."""

from __future__ import annotations

import json

from servers.scripted import Asked, Reply

from ..fault import Words, system
from ..mcp_site import McpSite, behind
from ..world import World


@system()
def mcp_server_that_sends_something_before_its_answer(world: World) -> Words:
    held = McpSite(world.variant.path)
    note = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "hello"}}
    first = world.pick(": ping\n\n", "id: 1\nretry: 500\ndata:\n\n", f"data: {json.dumps(note)}\r\n\r\n")

    def before(asked: Asked) -> Reply | None:
        if asked.bearer != held.token or asked.message.get("method") != "initialize":
            return None
        body = held.spoken(asked).body
        return Reply(200, f"{first}event: message\ndata: {json.dumps(body)}\n\n", "text/event-stream")

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site), "--credential", world.secret(held.token))


@system()
def mcp_server_without_tools(world: World) -> Words:
    held = McpSite(world.variant.path)

    def before(asked: Asked) -> Reply | None:
        if asked.bearer != held.token or asked.message.get("method") != "tools/list":
            return None
        code = world.pick(-32601, -32602, -32601)
        error = {"code": code, "message": "Method not found"}
        return Reply(world.pick(200, 200, 404), {"jsonrpc": "2.0", "id": 2, "error": error})

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site), "--credential", world.secret(held.token))


@system()
def mcp_server_that_wants_to_be_told_first(world: World) -> Words:
    """It lists its tools only once the client has said that it has begun."""
    held, begun = McpSite(world.variant.path), list[bool]()

    def before(asked: Asked) -> Reply | None:
        method = asked.message.get("method")
        if asked.bearer != held.token or asked.method == "GET":
            return None
        if asked.method == "DELETE":
            return Reply(204)
        if method == "notifications/initialized":
            begun.append(True)
            return Reply(202)
        if method == "tools/list" and not begun:
            error = {"code": world.pick(-32602, -32603, -32000), "message": "Not initialized"}
            return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id"), "error": error})
        reply = held.spoken(asked)
        return Reply(reply.status, reply.body, headers=(("Mcp-Session-Id", world.pick("a", "b", "c")),))

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site), "--credential", world.secret(held.token))
