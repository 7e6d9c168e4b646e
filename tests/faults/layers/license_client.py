"""Faults of the layer license: a client that may not use the server."""

from __future__ import annotations

import json
import secrets

from servers.scripted import Asked, Reply

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


@fault("license-or-policy-disables-feature", source="FusionAuth/fusionauth-issues#1555")
def not_covered(world: World) -> Words:
    token = secrets.token_urlsafe(30)
    says = world.pick(
        {
            "generalErrors": [
                {"code": "[notLicensed]", "message": "Your license does not include this feature."}
            ]
        },
        {"message": "You are not licensed to use Copilot Business."},
        {
            "error": "forbidden",
            "error_description": "Your license key has expired. Contact your administrator.",
        },
    )

    def answer(asked: Asked) -> Reply:
        return Reply(403, says) if asked.bearer == token else Reply(401, {"message": "Bad credentials"})

    return ("doctor", world.url(world.serve(answer)), "--credential", world.readable(token))
