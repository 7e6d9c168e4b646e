"""Faults of the layer scope that are as the standards have them: a scope that is missing, unknown, or never granted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from oddities.odd_server import Answer, Odd, OddServer

from wizard import connections
from wizard.connections import Connection
from wizard.oauth import kept
from wizard.oauth.model import Login
from wizard.secret import Secret

from ..fault import Words, fault
from ..world import World
from .scope_forms import asked_for, forbidden


@fault("insufficient-scope", source="giantswarm/mcp-debug#44")
def lacking(world: World) -> Words:
    need = world.pick("write", "mcp:admin", "https://api.acme.test/auth/drive")
    challenge = f'Bearer error="insufficient_scope", scope="{need}"'
    answer = world.pick(
        forbidden({"error": "insufficient_scope"}, challenge),
        forbidden(
            "Forbidden", f'{challenge}, error_description="The token lacks a scope"', kind="text/plain"
        ),
        forbidden(
            {"jsonrpc": "2.0", "error": {"code": -32001, "message": "Insufficient scope"}, "id": None},
            challenge,
        ),
    )
    return asked_for(world, answer, scope=world.pick("read", "read openid", None))


@fault("step-up-scope-loop", source="modelcontextprotocol/typescript-sdk#1582", herring="")
def in_vain(world: World) -> Words:
    def want(scope: str) -> Answer:
        metadata = 'resource_metadata="{base}/.well-known/oauth-protected-resource{path}"'
        return forbidden(
            {"error": "insufficient_scope"}, f'Bearer error="insufficient_scope", scope="{scope}", {metadata}'
        )

    odd = world.pick(
        Odd(instead={"accepted": tuple(want(s) for s in ("write", "openid", "read"))}),
        Odd(instead={"accepted": want("read")}),
        Odd(change={"claims": {"scope": "read"}}, wants="write"),
    )
    return ("test", world.protected(odd).mcp)


@fault("offline-access-missing", source="Softeria/ms-365-mcp-server#407", herring="")
def nothing_to_renew_with(world: World) -> Words:
    server = world.protected()
    name = world.pick("notes", "mail-work", "crm")
    connections.save(Connection(name, "mcp", "own", server.mcp, "authorization_code"))
    asked = world.pick(("read",), ("read", "openid"), ("read",))
    ended = time.time() - world.pick(60, 3700, 86400)
    made = Login(
        server.own["issuer"],
        "known-client",
        Secret(server.issue(exp=int(ended))),
        expires_at=ended,
        scopes=asked,
        asked=asked,
        resource=server.mcp,
        endpoints={"token_endpoint": f"{server.own['issuer']}/token"},
        server=server.mcp,
    )
    kept.keep(name, made, store="file")
    return ("doctor", name)


@fault("userinfo-needs-openid", source="OpenID Connect Core section 5.3.1", herring="")
def user_info_wants_openid(world: World) -> Words:
    says = world.pick(
        'Bearer error="insufficient_scope"',
        'Bearer error="insufficient_scope", error_description="Missing openid scope", scope="openid"',
        'Bearer realm="people", error="insufficient_scope", error_description="The request requires openid"',
    )
    odd = Odd(
        change={"issuer": {"userinfo_endpoint": "{issuer}/userinfo"}},
        instead={"userinfo": Answer(403, headers=(("WWW-Authenticate", says),))},
    )
    server = world.protected(odd)
    server.places[world.variant.issuer_host, "/userinfo"] = "userinfo"
    token = server.issue(scope=world.pick("read", "email profile", None))
    return ("token", world.secret(token), "--userinfo")


def listing(world: World, *names: str) -> OddServer:
    """A protected server with these tools."""
    server = world.protected()
    spoken = server._spoken

    def named(message: Mapping[str, Any]) -> Answer:
        if message.get("method") != "tools/list":
            return spoken(message)
        tools = [{"name": n, "inputSchema": {"type": "object"}} for n in names]
        return Answer(body={"jsonrpc": "2.0", "id": message.get("id"), "result": {"tools": tools}})

    server._spoken = named  # type: ignore[method-assign]  # so does this server
    return server


@fault(
    "tool-name-mismatch",
    source="MCP Gateway Registry: Authentication and Authorization Guide, Troubleshooting",
)
def nearly_that_tool(world: World) -> Words:
    there, asked = world.pick(
        ("intelligent_tool_finder", "intelligent-tool-finder"),
        ("searchIssues", "searchissues"),
        ("get-forecast", "get_forcast"),
    )
    server = listing(world, there, "ping")
    return ("doctor", server.mcp, "--credential", world.readable(server.issue()), "--tool", asked)


@fault("tool-not-listed", source="modelcontextprotocol/typescript-sdk#288, RooCodeInc/Roo-Code#7631")
def no_such_tool(world: World) -> Words:
    server = listing(world, *world.pick((), ("echo", "ping"), tuple(f"tool_{n}0" for n in range(40))))
    asked = world.pick("get_weather", "searchIssues", "wholly-other")
    return ("doctor", server.mcp, "--credential", world.readable(server.issue()), "--tool", asked)
