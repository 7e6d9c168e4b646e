"""Systems that are well: entries of clients, token files, a local program, a key in the address, a password."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import time

from servers.scripted import Asked, Reply

from sandbox import practice

from ..entries import OWN, PLACES, entry, reference, remote
from ..fault import Words, system
from ..kept import keep
from ..layers.client_entries import initialized
from ..layers.env import running
from ..layers.file_permission import fleet, guarded
from ..world import World


def _later() -> int:
    """An end that is not near."""
    return int(time.time()) + 90 * 86_400


@system()
def claude_code_with_a_variable_in_every_scope(world: World) -> Words:
    server = world.protected()
    name, variable = (
        world.pick("tools", "billing-mcp", "team_blue"),
        world.pick("MCP_TOKEN", "API_KEY", "BLUE_TOKEN"),
    )
    world.env(variable, server.issue(exp=_later()))
    written = world.pick(
        f"Bearer ${{{variable}}}", f"Bearer ${{{variable}:-none}}", f"Bearer ${{{variable}}}"
    )
    mine = remote("claude-code", server.mcp, {"Authorization": written})
    theirs = remote("claude-code", server.mcp, {"Authorization": f"Bearer {secrets.token_urlsafe(24)}"})
    local = {str(world.project): {"mcpServers": {name: mine}}}
    world.file(OWN["claude-code"], json.dumps({"projects": local, "mcpServers": {name: theirs}}))
    settings = {
        "deniedMcpServers": [{"serverName": "other"}],
        "allowedMcpServers": [{"serverUrl": "http://*"}],
    }
    world.file(".claude/settings.json", json.dumps(settings))
    return ("doctor", f"claude-code:{name}")


@system()
def cursor_with_its_own_variables_and_the_bridge(world: World) -> Words:
    server = world.protected()
    variable = world.pick("MCP_TOKEN", "BILLING_API_TOKEN", "BLUE_TOKEN")
    token = server.issue(exp=_later())
    world.env(variable, token)
    environment = {"HOME": str(world.home), "PATH": "/usr/local/bin:/usr/bin:/bin", variable: token}
    world.enter(running(world.home / "bin" / "cursor", environment))
    words = ["-y", "mcp-remote", server.mcp, "--header", "Authorization:${AUTH}", "--header", "X-Team:blue"]
    fine = remote("cursor", server.mcp, {"Authorization": f"Bearer {reference('cursor', variable)}"})
    bridged = {"command": "npx", "args": words, "env": {"AUTH": f"Bearer {reference('cursor', variable)}"}}
    world.file(f"bin/{bridged['command']}", "#!/bin/sh\n", 0o755)
    world.env("PATH", f"{world.home / 'bin'}:/usr/bin:/bin")
    if world.variant.number == 2:
        world.file(PLACES["cursor"], json.dumps({"mcpServers": {"one": fine}}))
        return ("doctor", "cursor:one")
    return (
        "doctor",
        entry(world, "cursor", world.pick(fine, {**bridged, "command": str(world.home / "bin/npx")})),
    )


@system()
def vs_code_with_a_variable_and_an_option_left_empty(world: World) -> Words:
    server = world.protected()
    variable = world.pick("MCP_TOKEN", "BILLING_API_TOKEN", "BLUE_TOKEN")
    world.env(variable, server.issue(exp=_later()))
    headers = {"Authorization": f"Bearer ${{env:{variable}}}", "X-Trace": "a${env:TRACE_LEVEL}"}
    world.file(
        ".config/Code/User/settings.json", '{"chat.mcp.access": "all", /* mine */ "editor.tabSize": 2,}'
    )
    return ("doctor", entry(world, "vscode", remote("vscode", server.mcp, headers)))


@system()
def fleet_with_its_token_file(world: World) -> Words:
    token = secrets.token_urlsafe(36)
    place = world.file(
        world.pick(".fleet-mcp/auth_token", "keys/fleet.json", "run/blue/token"), fleet(world, token)
    )
    return (
        "doctor",
        keep(world, "fleet", "token_file", guarded(world, token), secrets={"token": f"file:{place}"}),
    )


@system()
def faos_as_a_local_program(world: World) -> Words:
    site = world.enter(practice.start()).services["faos"]
    client = world.pick("claude-code", "cursor", "vscode")
    world.env("MY_FAOS_TOKEN", site.credentials["token"].reveal())
    env = {"FAOS_API_URL": site.url, "FAOS_API_TOKEN": reference(client, "MY_FAOS_TOKEN")}
    server = {"command": sys.executable, "args": ["-m", "sandbox.faos_mcp"], "env": env}
    return ("doctor", entry(world, client, server, name=world.pick("faos", "FAOS", "faos-prod")))


@system()
def name_and_password_at_an_api(world: World) -> Words:
    user, password = world.pick("svc-tools", "billing@acme.test", "blue"), secrets.token_urlsafe(18)
    wanted = base64.b64encode(f"{user}:{password}".encode()).decode()

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("authorization") == f"Basic {wanted}":
            return Reply(200, {"ok": True})
        return Reply(401, "Unauthorized", "text/plain", (("WWW-Authenticate", 'Basic realm="api"'),))

    url = world.url(world.serve(answer), world.pick("/api/v1/me", "/rest/billing", "/blue"))
    secret = world.secret(password)
    return ("doctor", url, "--method", "basic", "--set", f"username={user}", "--secret", f"password={secret}")


@system()
def a_key_in_the_address_of_an_entry(world: World) -> Words:
    key = secrets.token_urlsafe(24)
    parameter = world.pick("api_key", "token", "key")

    def answer(asked: Asked) -> Reply:
        if asked.query == f"{parameter}={key}":
            return initialized(asked)
        return Reply(401, {"error": "unauthorized"}, headers=(("WWW-Authenticate", "Bearer"),))

    url = f"{world.url(world.serve(answer))}?{parameter}={key}"
    client = world.pick("cursor", "claude-code", "vscode")
    return ("doctor", entry(world, client, remote(client, url, {})))


@system()
def the_bridge_with_a_space_where_nobody_takes_it_apart(world: World) -> Words:
    server = world.protected()
    npx = world.file("node bin/npx", "#!/bin/sh\n", 0o755)
    value = f"Bearer {server.issue(exp=_later())}"
    words = [
        "-y",
        "mcp-remote@0.15.1",
        server.mcp,
        "--header",
        f"Authorization: {value}",
        "--header",
        "X-Empty:",
    ]
    client = world.pick("claude-desktop", "vscode", "claude-code")
    return ("doctor", entry(world, client, {"command": str(npx), "args": words}))
