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


@fault(
    "authorization-config-not-reloaded",
    source="agentic-community/mcp-gateway-registry docs/keycloak-integration.md",
    certainty="likely",
    alone=False,
)
def not_read_again(world: World) -> Words:
    running = gateway(
        world, world.pick("group-to-scope-mapping-missing", "", "group-to-scope-mapping-missing")
    )
    server = world.pick("mcpgw", "atlassian", "fininfo")
    rules = world.file(
        world.pick("project/auth_server/scopes.yml", "deploy/scopes.yml", "gateway/config/scopes.yml"),
        f"""
group_mappings:
  mcp-servers-unrestricted: [all/read]
  mcp-servers-restricted: [all/read]
all/read:
  - server: {server}
    methods: [initialize, notifications/initialized, ping, tools/list, tools/call]
    tools: [debug_auth_context, jira_search, get_stock_aggregates]
""",
    )
    more = world.pick({}, {"scopes_file": str(rules)}, {"scopes_file": str(rules)})
    lesser = running.services["gateway"].credentials["token_restricted"]
    return connected(world, running, server, token=world.pick(None, lesser, None), more=more)
