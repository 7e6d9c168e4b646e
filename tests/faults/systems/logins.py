"""Systems that are well: logins, redirect URIs, clients that log in by themselves, and metadata where it belongs."""

from __future__ import annotations

import json
import secrets

from oddities.odd_ones import challenge
from oddities.odd_server import Odd
from servers.real import free_port
from servers.scripted import Reply

from ..fault import Words, system
from ..world import World


@system()
def login_before_a_diagnosis(world: World) -> Words:
    return ("doctor", world.protected().mcp, "--login", "--port", str(free_port()))


@system()
def login_of_a_client_that_was_registered(world: World) -> Words:
    server, path = world.protected(), "/callback"
    named = ("--set", "client_id=known-client", "--set", f"redirect_uri=http://127.0.0.1:{free_port()}{path}")
    return ("doctor", server.mcp, "--login", "--method", "authorization_code", *named)


@system(warned=("authorization-header-missing",))
def metadata_at_the_root_as_the_challenge_says(world: World) -> Words:
    says = challenge('Bearer resource_metadata="{base}/.well-known/oauth-protected-resource"')
    root = Reply(body={"resource": "{base}{path}", "authorization_servers": ["{issuer}"]})
    instead = {"resource": Reply(404), "resource_root": root, "refusal": says, "unaccepted": says}
    return ("doctor", world.protected(Odd(instead=instead)).mcp)


@system(warned=("token-expires-soon",))
def claude_code_with_a_header_at_a_server_that_has_logins_too(world: World) -> Words:
    server, name = world.protected(), world.pick("blue", "team-tools", "docs")
    issuer = server.own["base"]
    named = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
    }
    server.places[world.variant.host, "/.well-known/oauth-authorization-server"] = "own_issuer"
    server._own_issuer = lambda _: Reply(200, named)  # type: ignore[attr-defined]  # so does this server
    entry = {"type": "http", "url": server.mcp, "headers": {"Authorization": f"Bearer {server.issue()}"}}
    world.file(".claude.json", json.dumps({"mcpServers": {name: entry}}))
    world.file(".claude/mcp-needs-auth-cache.json", json.dumps({"another": {"timestamp": 1}}))
    log = [
        {"debug": "Testing basic HTTP connectivity"},
        {"error": "HTTP 401"},
        {"debug": "Successfully connected"},
    ]
    folder = f".cache/claude-cli-nodejs/-home-x/mcp-logs-{name}"
    world.file(f"{folder}/one.jsonl", "".join(f"{json.dumps(r)}\n" for r in log))
    return ("doctor", f"claude-code:{name}")


@system()
def claude_code_with_a_login_of_its_own(world: World) -> Words:
    server, name = world.protected(), world.pick("blue", "team-tools", "docs")
    entry = {"type": "http", "url": server.mcp, "oauth": {"clientId": "desk", "callbackPort": 19876}}
    world.file(".claude.json", json.dumps({"mcpServers": {name: entry}}))
    held = {
        "serverName": name,
        "serverUrl": server.mcp,
        "clientId": "desk",
        "accessToken": secrets.token_urlsafe(24),
        "refreshToken": secrets.token_urlsafe(24),
        "expiresAt": 4_000_000_000_000,
        "discoveryState": {"authorizationServerUrl": f"{server.own['issuer']}/", "oauthMetadataFound": True},
    }
    world.file(
        ".claude/.credentials.json", json.dumps({"mcpOAuth": {f"{name}|{secrets.token_hex(8)}": held}})
    )
    return ("doctor", f"claude-code:{name}")
