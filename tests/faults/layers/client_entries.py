"""Faults of the layer client-config: what an entry of a client sends, starts, and hides."""

from __future__ import annotations

import json
import secrets

from servers.scripted import Asked, Reply

from ..entries import OWN, PLACES, entry, remote
from ..fault import Words, fault
from ..world import World


@fault("args-space-split", source="punkpeye/mcp-remote#26")
def split(world: World) -> Words:
    server = world.protected()
    token = server.issue()
    words = world.pick(
        ["-y", "mcp-remote", server.mcp, "--header", f"Authorization: Bearer {token}"],
        ["mcp-remote@0.1.5", server.mcp, "--allow-http", "--header", "Authorization:Bearer ${API_KEY}"],
        ["-y", "mcp-remote", server.mcp, "--header", "Authorization:", f"Bearer {token}"],
    )
    env = {"OLD_API_TOKEN": secrets.token_urlsafe(20), **world.pick({}, {"API_KEY": token}, {})}
    client = world.pick("cursor", "cursor", "claude-desktop")
    server_entry = {"command": "npx", "args": words, "env": env}
    return ("doctor", entry(world, client, server_entry, mode=0o644))


@fault("token-in-query-rejected", source="datahub-project/datahub#19083")
def in_the_address(world: World) -> Words:
    token = secrets.token_urlsafe(30)
    parameter = world.pick("token", "access_token", "api_key")

    def answer(asked: Asked) -> Reply:
        if asked.query:
            return world.pick(
                Reply(400, {"error": "Bad Request"}),
                Reply(400, {"error": "invalid_request", "error_description": "Send the token as a header."}),
                Reply(401, "Unauthorized", "text/plain", (("WWW-Authenticate", "Bearer"),)),
            )
        if asked.bearer != token:
            return Reply(401, {"error": "unauthorized"}, headers=(("WWW-Authenticate", "Bearer"),))
        return initialized(asked)

    url = f"{world.url(world.serve(answer))}?{parameter}={token}"
    client = world.pick("cursor", "claude-code", "cursor")
    return ("doctor", entry(world, client, remote(client, url, {}), mode=0o644))


@fault("stdio-command-not-found", source="tomaspavlin/rohlik-mcp#6")
def nowhere(world: World) -> Words:
    command = world.pick("orders-mcp", "uvx-billing", str(world.home / "tools/blue-mcp"))
    if world.variant.number == 1:
        world.file(".local/bin/uvx-billing", "#!/bin/sh\n", 0o755)
    client = world.pick("claude-desktop", "cursor", "claude-code")
    server = {"command": command, "args": ["--stdio"], "env": {"API_TOKEN": secrets.token_urlsafe(20)}}
    return ("doctor", entry(world, client, server, mode=0o644))


@fault("entry-hidden-by-another-scope", source="https://code.claude.com/docs/en/mcp")
def hidden(world: World) -> Words:
    server = world.protected()
    good = {"Authorization": f"Bearer {server.issue()}"}
    stale = {"Authorization": f"Bearer {secrets.token_urlsafe(24)}"}
    client = world.pick("claude-code", "claude-code", "cursor")
    name = world.pick("tools", "billing-mcp", "team_blue")
    theirs, mine = remote(client, server.mcp, stale), remote(client, server.mcp, good)
    if world.variant.number == 1:
        local = {str(world.project): {"mcpServers": {name: theirs}}}
        world.file(OWN[client], json.dumps({"projects": local, "mcpServers": {name: mine}}), 0o644)
        return ("doctor", f"{client}:{name}")
    world.file(OWN[client], json.dumps({"mcpServers": {name: mine}}))
    return ("doctor", entry(world, client, theirs, name=name, place=PLACES[client], mode=0o644))


def initialized(asked: Asked) -> Reply:
    """An MCP server that lets one in."""
    info = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "serverInfo": {"name": "tools", "version": "1"},
    }
    return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id", 1), "result": info})
