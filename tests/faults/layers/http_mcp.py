"""Faults of the layer http: an MCP server that lets a client in, and serves it nothing."""

from __future__ import annotations

import json

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import RESULTS, McpSite, behind, doctor
from ..world import World


def said(asked: Asked, **what: object) -> dict[str, object]:
    """A JSON-RPC response."""
    return {"jsonrpc": "2.0", "id": asked.message.get("id"), **what}


@fault("mcp-request-fails", source="mcp-router/mcp-router#206, obot-platform/obot#5220")
def answers_with_an_error(world: World) -> Words:
    held = McpSite(world.variant.path)
    fails = world.pick("initialize", "initialize", "tools/list")

    def before(asked: Asked) -> Reply | None:
        if asked.bearer != held.token or asked.message.get("method") != fails:
            return None
        code = world.pick(-32603, -32000, -32603)
        body = said(
            asked, error={"code": code, "message": world.pick("DB down", "Not ready", "Upstream gone")}
        )
        event = f": ping\n\nevent: message\ndata: {json.dumps(body)}\n\n"
        return world.pick(Reply(200, body), Reply(200, event, "text/event-stream"), Reply(200, body))

    site, _ = behind(world, before, held)
    return doctor(world, site, held)


@fault("tools-list-refused", source="neo4j/mcp#204, vuetifyjs/mcp#40")
def open_at_first(world: World) -> Words:
    held = McpSite(world.variant.path)

    def before(asked: Asked) -> Reply | None:
        method = asked.message.get("method")
        if asked.path != held.path or asked.method != "POST":
            return None
        if method == "initialize":
            session = world.pick((), (("Mcp-Session-Id", "s1"),), ())
            return Reply(200, said(asked, result=RESULTS["initialize"]), headers=session)
        if method in ("ping", "notifications/initialized"):
            return Reply(202) if method != "ping" else Reply(200, said(asked, result={}))
        return held.refused(asked)

    site, _ = behind(world, before, held)
    return doctor(world, site, held)
