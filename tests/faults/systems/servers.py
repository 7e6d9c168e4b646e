"""Systems that are well: MCP servers and the APIs of services."""

from __future__ import annotations

from ..fault import Words, system
from ..world import World


@system()
def protected_mcp_server_with_its_own_issuer(world: World) -> Words:
    server = world.protected()
    return ("doctor", server.mcp, "--credential", world.secret(server.issue()))


@system()
def login_at_a_protected_mcp_server(world: World) -> Words:
    return ("test", world.protected().mcp, "--call", "look")
