"""Faults of the layer client-config: what an entry of a client sends, starts, and hides."""

from __future__ import annotations

import json
import secrets
import sys
import time

from servers.scripted import Asked, Reply
from support.hars import CHROME, FIREFOX, SAFARI, Har

from ..entries import OWN, PLACES, entry, left_over, remote
from ..fault import Words, fault
from ..kept import keep
from ..world import World
from .audience import refusing


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
                Reply(
                    400,
                    {
                        "jsonrpc": "2.0",
                        "id": None,
                        "error": {"code": -32600, "message": "No token in the URL"},
                    },
                ),
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


@fault("stdio-server-does-not-answer", source="modelcontextprotocol/servers#1332")
def it_ends_at_once(world: World) -> Words:
    script = world.pick(
        "echo 'Error: Missing required environment variable ORDERS_BASE_URL' >&2; exit 1",
        "echo 'Usage: billing-mcp [--port PORT]'; exit 2",
        "exit 0",
    )
    program = world.file(
        world.pick("bin/orders-mcp", "tools/billing-mcp", "blue/run"), f"#!/bin/sh\n{script}\n", 0o755
    )
    client = world.pick("claude-desktop", "cursor", "claude-code")
    server = {"command": str(program), "args": [], "env": {"API_TOKEN": secrets.token_urlsafe(20)}}
    return ("doctor", entry(world, client, server, mode=0o644), "--start")


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


@fault("wrong-environment-url", source="microsoft/Dynamics-AX-Integration#18")
def another_environment(world: World) -> Words:
    server = refusing(world, None, "The access token is invalid", "Unauthorized")
    issuer = world.pick(
        "https://sts.staging.acme.test/",
        "https://eu.login.acme.test/oauth2",
        "http://keycloak.dev.acme.test:8080/realms/dev",
    )
    headers = {"Authorization": f"Bearer {server.issue(iss=issuer)}"}
    client = world.pick("claude-code", "cursor", "vscode")
    return ("doctor", entry(world, client, remote(client, server.mcp, headers), mode=0o644))


@fault("credential-of-wrong-kind", source="Inumedia/SlackAPI#285")
def of_another_kind(world: World) -> Words:
    token = secrets.token_urlsafe(30)

    def answer(asked: Asked) -> Reply:
        if asked.bearer != token:
            return Reply(401, {"error": "invalid_auth"})
        return world.pick(
            Reply(401, {"ok": False, "error": "not_allowed_token_type"}),
            Reply(403, {"error": {"code": "not_allowed_token_type", "message": "A user token is required."}}),
            Reply(403, {"error": "forbidden", "message": "not_allowed_token_type: use a bot token"}),
        )

    return ("doctor", world.url(world.serve(answer)), "--credential", world.readable(token))


@fault("connection-of-entry-gone", source="https://code.claude.com/docs/en/mcp")
def gone(world: World) -> Words:
    url = world.protected().mcp
    name = world.pick("work", "billing-prod", "blue")
    if world.variant.number == 1:
        bridge = [
            "npx",
            "-y",
            "mcp-remote@0.15.1",
            url,
            "--header",
            "Authorization:${AUTHWIZARD_AUTHORIZATION}",
        ]
        env = {"OLD_API_TOKEN": secrets.token_urlsafe(20)}
        words = ["-m", "wizard", "exec", name, "--", *bridge]
        return (
            "doctor",
            entry(world, "cursor", {"command": sys.executable, "args": words, "env": env}, mode=0o644),
        )
    helped = {**remote("claude-code", url, left_over()), "headersHelper": f"authwizard headers {name}"}
    return ("doctor", entry(world, "claude-code", helped, mode=0o644))


@fault("http-url-instead-of-https", source="encode/httpx#1850")
def plain_http(world: World) -> Words:
    status = world.pick(301, 308, 302)

    def answer(asked: Asked) -> Reply:
        host = asked.host if world.variant.number else asked.headers["host"]
        return Reply(
            status,
            world.pick("<h1>301</h1>", "", "Found"),
            "text/html",
            (("Location", f"https://{host}{asked.path}"),),
        )

    headers = {"Authorization": f"Bearer {secrets.token_urlsafe(30)}"}
    client = world.pick("cursor", "claude-code", "vscode")
    return (
        "doctor",
        entry(world, client, remote(client, world.url(world.serve(answer)), headers), mode=0o644),
    )


@fault("entry-address-unusable", source="microsoft/vscode#247597")
def no_address(world: World) -> Words:
    there = world.protected().mcp
    bare = there.partition("://")[2]
    url = world.pick(bare, f"ws://{bare}", there.replace("://", ":///"))
    client = world.pick("vscode", "cursor", "claude-code")
    return ("doctor", entry(world, client, remote(client, url, left_over()), mode=0o644))


@fault("not-logged-in", source="RFC 6749 section 4.1", herring="cache-key-version-or-url-mismatch")
def nobody(world: World) -> Words:
    url = world.url(world.serve(lambda _: Reply(404)), "")
    login = {
        "domain": world.pick("other.example", "old.acme.test", "red.example"),
        "access_token": secrets.token_urlsafe(30),
    }
    world.file(".faos/auth_cache.json", json.dumps({**login, "expires_at": time.time() + 8000}))
    settings = {"sso_domain": world.pick("acme.example", "acme.test", "blue.example")}
    return ("doctor", keep(world, "faos", "sso", url, environment="company", settings=settings))


@fault("authorization-header-lost-after-first-call", source="anthropics/claude-code#91785", herring="")
def only_once(world: World) -> Words:
    har = Har(world.pick(CHROME, FIREFOX, SAFARI))
    url = f"https://{world.pick('mcp.acme.test', 'tools.billing.test', 'blue.example.test')}{world.variant.path}"
    bearer = f"Bearer {secrets.token_urlsafe(24)}"
    har.ask("http://localhost:6274/", page="<h1>MCP Inspector</h1>")
    har.ask(url, 204, method="OPTIONS", kind="preflight")
    har.ask(
        url, method="POST", data={"jsonrpc": "2.0", "id": 1, "result": {}}, kind="fetch", authorization=bearer
    )
    for method in world.pick(("POST", "POST"), ("GET", "GET", "POST"), ("POST", "GET")):
        har.ask(
            url,
            401,
            method=method,
            data={"error": world.pick("unauthorized", "missing_token", "401")},
            kind="fetch",
        )
    return ("doctor", "--har", str(world.file("Downloads/inspector.har", har.text())))
