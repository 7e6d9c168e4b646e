"""Faults of the layer env: a value that should have come from the environment."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..entries import entry, left_over, reference, remote
from ..fault import Words, fault
from ..world import World


@fault("unexpanded-variable-literal", source="anthropics/claude-code#70485")
def not_expanded(world: World) -> Words:
    url = world.protected().mcp
    client = world.pick("claude-code", "cursor", "claude-code")
    written = world.pick("Bearer ${MCP_TOKEN}", "Bearer ${TEAM_API_TOKEN}", "Bearer {env:ACCESS_TOKEN}")
    headers = {**left_over(), "Authorization": written}
    return ("doctor", entry(world, client, remote(client, url, headers), mode=0o644))


@fault("variable-expands-to-empty", source="anthropics/claude-code#93595")
def empty(world: World) -> Words:
    url = world.protected().mcp
    client = world.pick("claude-code", "vscode", "claude-desktop")
    name = world.pick("MCP_TOKEN", "BILLING_API_TOKEN", "BLUE_ACCESS_TOKEN")
    if client == "claude-desktop":
        words = ["-y", "mcp-remote", url, "--header", f"Authorization:${{{name}}}"]
        server = {
            "command": "npx",
            "args": words,
            "env": {name: "", "OLD_API_KEY": secrets.token_urlsafe(20)},
        }
        return ("doctor", entry(world, client, server, mode=0o644))
    if client == "claude-code":
        world.env(name, "")
    headers = {**left_over(), "Authorization": f"Bearer {reference(client, name)}"}
    return ("doctor", entry(world, client, remote(client, url, headers), mode=0o644))


@fault("gui-app-does-not-inherit-shell-env", source="robinebers/openusage#788")
def from_the_desktop(world: World) -> Words:
    server = world.protected()
    name = world.pick("MCP_TOKEN", "BILLING_API_TOKEN", "BLUE_AUTH_HEADER")
    world.file(
        world.pick(".bashrc", ".zshrc", ".bash_profile"), f"# my own\nexport {name}=$(pass show mcp)\n"
    )
    if world.variant.number == 2:
        words = ["-y", "mcp-remote", server.mcp, "--header", f"Authorization:${{{name}}}"]
        bridged = {"command": "npx", "args": words, "env": {"OLD_API_KEY": secrets.token_urlsafe(20)}}
        return ("doctor", entry(world, "claude-desktop", bridged, mode=0o644))
    client, program = world.pick(("cursor", "cursor"), ("vscode", "code"))
    world.env(name, server.issue())
    world.enter(running(world.home / "bin" / program, {"HOME": str(world.home), "PATH": "/usr/bin:/bin"}))
    headers = {**left_over(), "Authorization": f"Bearer {reference(client, name)}"}
    return ("doctor", entry(world, client, remote(client, server.mcp, headers), mode=0o644))


@fault("variable-hides-env-file", source="https://docs.docker.com/compose/how-tos/environment-variables/")
def exported_once(world: World) -> Words:
    server = world.protected()
    client = world.pick("claude-code", "cursor", "vscode")
    name = world.pick("MCP_TOKEN", "BILLING_API_TOKEN", "BLUE_TOKEN")
    world.env(name, secrets.token_urlsafe(30))
    line = world.pick(
        f"{name}={server.issue()}", f'export {name}="{server.issue()}"', f"{name}='{server.issue()}' # new"
    )
    world.file(
        world.pick("project/.env", "project/.env", "project/.env.local"),
        f"# for this folder\nDEBUG=1\n{line}\n",
    )
    headers = {"Authorization": f"Bearer {reference(client, name)}", **left_over()}
    return ("doctor", entry(world, client, remote(client, server.mcp, headers), mode=0o644))


@contextmanager
def running(program: Path, environment: Mapping[str, str]) -> Iterator[int]:
    """A process of this name, which waits; in an environment of its own, as the desktop would start it."""
    program.parent.mkdir(exist_ok=True)
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    process = subprocess.Popen([str(program), "600"], env=dict(environment))
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
