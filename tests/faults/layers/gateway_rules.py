"""Faults of a gateway's access rules: a group that they do not map, and rules that nobody has read again."""

from __future__ import annotations

from ..fault import Words, fault
from ..gateways import connected, gateway
from ..world import World


@fault("group-to-scope-mapping-missing", source="agentic-community/mcp-gateway-registry#1117")
def not_mapped(world: World) -> Words:
    running = gateway(world, "group-to-scope-mapping-missing")
    rules = world.file(
        "deploy/scopes.yml",
        "group_mappings:\n  mcp-registry-admin: [mcp-registry-admin]\nmcp-registry-admin:\n"
        "  - {server: fininfo, methods: [initialize, tools/list], tools: [get_stock_aggregates]}\n",
    )
    more = world.pick({}, {"scopes_file": str(rules)}, {})
    return connected(world, running, world.pick("mcpgw", "currenttime", "fininfo"), more=more)
