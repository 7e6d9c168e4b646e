"""Systems that are well, and whose tokens say in many ways what they may do."""

from __future__ import annotations

import uuid

from oddities.odd_server import Odd

from ..fault import Words, system
from ..gateways import connected, gateway
from ..world import World


@system()
def token_with_roles_groups_and_scopes_of_keycloak(world: World) -> Words:
    server = world.protected(Odd(wants="write"))
    token = server.issue(
        scope="openid read write",
        groups=["/acme/ops", "MCP-Servers", "everybody"],
        realm_access={"roles": ["offline_access", "ROLE_admin"]},
        resource_access={"account": {"roles": ["view-profile"]}},
        email="ann@acme.test",
        email_verified=False,
        preferred_username=world.pick("ann", "service-account-agent", "ann"),
    )
    more = world.pick(
        (), ("--require-group", "MCP-Servers"), ("--require-role", "ROLE_admin", "--require-scope", "write")
    )
    return ("doctor", server.mcp, "--credential", world.secret(token), *more)


@system()
def token_of_entra_with_too_many_groups(world: World) -> Words:
    server = world.protected()
    many = world.pick(
        {"_claim_names": {"groups": "src1"}}, {"hasgroups": True}, {"groups": [str(uuid.uuid4())] * 3}
    )
    token = server.issue(scope=None, scp="access_as_user read", roles=["Tools.Use"], idtyp="user", **many)
    return ("doctor", server.mcp, "--credential", world.secret(token))


@system()
def token_of_cognito_with_its_own_groups_claim(world: World) -> Words:
    server = world.protected()
    held = {"cognito:groups": ["ops"], "token_use": "access"}
    token = server.issue(scope=world.pick("aws.cognito.signin.user.admin", None, "mcp/read"), **held)
    return ("doctor", server.mcp, "--credential", world.secret(token))


@system(warned=("token-expires-soon",))
def gateway_whose_rules_open_it(world: World) -> Words:
    running = gateway(world)
    server = world.pick("mcpgw", "currenttime", "fininfo")
    lesser = running.services["gateway"].credentials["token_restricted"]
    words = connected(world, running, server, token=world.pick(None, lesser, None), closed=True)
    return (
        (*words, "--tool", {"currenttime": "current_time_by_timezone"}.get(server, ""))
        if server == "currenttime"
        else words
    )
