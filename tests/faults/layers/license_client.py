"""Faults of the layer license: a client that may not use the server."""

from __future__ import annotations

import json

from ..entries import entry, remote
from ..fault import Words, fault
from ..world import World


@fault("client-side-policy-blocks-server", source="https://code.claude.com/docs/en/managed-mcp")
def not_allowed(world: World) -> Words:
    server = world.protected()
    headers = {"Authorization": f"Bearer {server.issue()}"}
    client = world.pick("claude-code", "vscode", "claude-code")
    settings: dict[str, object] = world.pick(
        {"deniedMcpServers": [{"serverUrl": f"{server.own['base']}/*"}]},
        {"chat.mcp.access": "none", "editor.fontSize": 13},
        {"allowedMcpServers": [{"serverName": "github"}, {"serverName": "sentry"}]},
    )
    place = world.pick(".claude/settings.json", ".config/Code/User/settings.json", ".claude/settings.json")
    world.file(place, json.dumps(settings))
    return ("doctor", entry(world, client, remote(client, server.mcp, headers), mode=0o644))
