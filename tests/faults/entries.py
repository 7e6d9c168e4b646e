"""Entries of clients, in the places where their clients read them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Final

from .world import World

Server = Mapping[str, object]

PLACES: Final = {
    "claude-code": "project/.mcp.json",
    "cursor": "project/.cursor/mcp.json",
    "vscode": "project/.vscode/mcp.json",
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
}
OWN: Final = {
    "claude-code": ".claude.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
}


def entry(
    world: World, client: str, server: Server, *, name: str = "", place: str = "", mode: int = 0o600
) -> str:
    """Write one server into the client's file; the TARGET of it. The name differs between the variants."""
    name = name or world.pick("tools", "billing-mcp", "team_blue")
    key = "servers" if client == "vscode" else "mcpServers"
    world.file(place or PLACES[client], json.dumps({key: {name: server}}, indent=2), mode)
    return f"{client}:{name}"


def remote(client: str, url: str, headers: Mapping[str, str]) -> Server:
    """A remote server as this client wants it written."""
    kind = {} if client == "cursor" else {"type": "http"}
    return {**kind, "url": url, "headers": dict(headers)}


def reference(client: str, variable: str) -> str:
    """A variable in the client's own syntax."""
    return f"${{{variable}}}" if client == "claude-code" else f"${{env:{variable}}}"


def left_over() -> dict[str, str]:
    """A header of an earlier set-up, which nobody reads any more: a secret in plain text."""
    return {"X-Api-Key": secrets.token_urlsafe(18)}
