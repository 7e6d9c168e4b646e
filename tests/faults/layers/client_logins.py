"""Faults of a client that logs in otherwise than it was told, or as it remembers: its entry, its files, its log."""

from __future__ import annotations

import json
import secrets

from oddities.odd_server import Odd, OddServer
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World


def _entry(world: World, server: OddServer, **more: object) -> Words:
    """An entry of Claude Code in a file that everybody may read; the words that diagnose it."""
    name = world.pick("blue", "team-tools", "internal_docs")
    entry = {"type": "http", "url": server.mcp, **more}
    if world.variant.number == 1:
        place = world.project / ".mcp.json"
        place.write_text(json.dumps({"mcpServers": {name: entry}}))
    else:
        world.file(".claude.json", json.dumps({"mcpServers": {name: entry}}))
    return ("doctor", f"claude-code:{name}")


def _header(server: OddServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.issue()}"}


def _log(world: World, words: Words, *said: tuple[str, str]) -> None:
    """Claude Code's log of a session, newer than the entry."""
    name = words[1].partition(":")[2]
    session = secrets.token_hex(8)
    records = [
        {kind: text, "timestamp": "2026-09-24T10:00:00.000Z", "sessionId": session} for kind, text in said
    ]
    folder = f".cache/claude-cli-nodejs/-home-somebody-project/mcp-logs-{name}"
    whole = world.variant.number == 1
    text = json.dumps(records) if whole else "".join(f"{json.dumps(r)}\n" for r in records)
    world.file(f"{folder}/2026-09-24T10-00-00-000Z.{'txt' if whole else 'jsonl'}", text)


@fault(
    "configured-client-id-ignored",
    source="anthropics/claude-code#67258",
    herring="authorization-header-missing",
    alone=False,
)
def a_client_id_that_is_not_read(world: World) -> Words:
    server = world.protected(Odd(change={"issuer": {"registration_endpoint": None}}))
    words = _entry(world, server, oauth={"clientId": "5b9e-desk", "callbackPort": 19876})
    says = world.pick(
        "SDK auth failed: Incompatible auth server: does not support dynamic client registration",
        "Error during auth: Authorization server does not support dynamic client registration",
        "Incompatible auth server: does not support dynamic client registration",
    )
    _log(world, words, ("debug", f"Initializing HTTP transport to {server.mcp}"), ("error", says))
    return words


@fault(
    "static-header-ignored-oauth-started", source="anthropics/claude-code#56357", herring="token-expires-soon"
)
def a_login_instead_of_the_header(world: World) -> Words:
    junk = world.pick(Reply(200, {}), Reply(200, "<!doctype html><title>App</title>", "text/html"), None)
    server = world.protected(
        Odd(instead={f"{world.variant.host}/.well-known/oauth-authorization-server": junk})
    )
    if junk is None:
        issuer = server.own["base"]
        named = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
        }
        place = (world.variant.host, "/.well-known/oauth-authorization-server")
        server.places[place] = "own_issuer"
        server._own_issuer = lambda _: Reply(200, named)  # type: ignore[attr-defined]  # so does this server
    words = _entry(world, server, headers=_header(server))
    noted = {words[1].partition(":")[2]: {"timestamp": 1_790_000_000_000}}
    if world.variant.number != 0:
        world.file(".claude/mcp-needs-auth-cache.json", json.dumps(noted))
    return words


@fault(
    "preflight-probe-false-401",
    source="agentclientprotocol/claude-agent-acp#1160",
    herring="token-expires-soon",
    alone=False,
)
def a_first_question_without_the_header(world: World) -> Words:
    server = world.protected()
    words = _entry(world, server, headers=_header(server))
    said = world.pick(
        (
            ("debug", f"Testing basic HTTP connectivity to {server.mcp}"),
            ("error", "Connectivity test failed: HTTP 401"),
        ),
        (("error", "HTTP connectivity check: server returned 401 Unauthorized"),),
        (("debug", "Pre-flight request"), ("error", "Connection failed after 88ms: HTTP 401 Unauthorized")),
    )
    _log(world, words, ("debug", f"Initializing HTTP transport to {server.mcp}"), *said)
    return words


@fault("discovery-cached-or-proxied-origin", source="mcp-use/mcp-use#1840", herring="")
def a_login_at_the_old_place(world: World) -> Words:
    server = world.protected()
    words = _entry(world, server)
    name = words[1].partition(":")[2]
    old = world.pick(
        "https://inspector.acme.test", "https://old-login.acme.test/oauth", "http://localhost:6277"
    )
    held = {
        "serverName": name,
        "serverUrl": server.mcp,
        "clientId": "5b9e-desk",
        "accessToken": secrets.token_urlsafe(24),
        "refreshToken": secrets.token_urlsafe(24),
        "expiresAt": 4_000_000_000_000,
        "discoveryState": {"authorizationServerUrl": old, "oauthMetadataFound": world.pick(False, True)},
    }
    text = json.dumps({"mcpOAuth": {f"{name}|{secrets.token_hex(8)}": held}})
    world.file(".claude/.credentials.json", text)
    return words
