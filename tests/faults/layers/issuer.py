"""Faults of the layer issuer: who made the token, and whose tokens the server takes."""

from __future__ import annotations

from ..fault import Words, fault
from ..world import World
from .audience import refusing

_TENANT = "8d1b0c5e-3f4a-4a77-b2c6-5e9d1a2f7c44"


@fault("issuer-trailing-slash", source="coreos/go-oidc#338")
def a_slash_too_many(world: World) -> Words:
    path = world.pick("/application/o/tools", "/realms/acme", "")
    expected = world.pick("{issuer}/application/o/tools", "{issuer}/realms/acme/", "{issuer}")
    server = refusing(
        world,
        None,
        "Invalid token issuer",
        "jwt issuer invalid. expected: https://acme.eu.auth0.com",
        change={"resource": {"authorization_servers": [expected]}},
    )
    own = f"{server.own['issuer']}{path}"
    token = server.issue(iss=world.pick(f"{own}/", own, "https://acme.eu.auth0.com/"))
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("issuer-http-vs-https", source="tuist/tuist#9663")
def http_behind_a_proxy(world: World) -> Words:
    host = world.name(world.pick("id.acme.test", "login.blue.test", "sso.example.test"))
    path = world.pick("", "/realms/blue", "/oauth2/default")
    server = refusing(
        world,
        None,
        "The iss claim is not valid",
        f"IDX10205: Issuer validation failed. Issuer: 'http://{host}{path}'. Did not match:"
        f" validationParameters.ValidIssuer: 'null' or validationParameters.ValidIssuers: 'https://{host}{path}'.",
        change={"resource": {"authorization_servers": [f"https://{host}{path}"]}},
    )
    token = server.issue(iss=f"http://{host}{path}")
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("issuer-entra-v1-v2", source="PrefectHQ/fastmcp#3835")
def the_other_version_of_entra(world: World) -> Words:
    old, new = f"https://sts.windows.net/{_TENANT}/", f"https://login.microsoftonline.com/{_TENANT}/v2.0"
    server = refusing(
        world,
        None,
        f"IDX10205: Issuer validation failed. Issuer: '{old}'. Did not match: ValidIssuer: '{new}'",
        "The token is invalid or malformed: Error(InvalidIssuer)",
        change={
            "resource": {
                "authorization_servers": [world.pick(new, "{issuer}", old)],
                "scopes_supported": ["api://tools/read"],
            }
        },
    )
    token = server.issue(
        kind="JWT",
        iss=world.pick(old, old, new),
        ver=world.pick("1.0", "1.0", "2.0"),
        tid=_TENANT,
        aud=world.pick("api://tools", server.mcp, "api://tools"),
        scp="read",
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("issuer-hostname-mismatch-keycloak", source="wanaku-ai/wanaku#1416")
def keycloak_by_another_name(world: World) -> Words:
    realm = world.pick("tools", "wanaku", "team")
    inner = world.name(world.pick("keycloak.acme.test", "auth", "idp.inner.test"))
    server = refusing(
        world,
        None,
        "Invalid token issuer",
        "iss claim not valid",
        change={"resource": {"authorization_servers": [f"{{issuer}}/realms/{realm}"]}},
    )
    token = server.issue(iss=f"http://{inner}:8080/realms/{realm}", kind="JWT")
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("wrong-realm", source="https://www.keycloak.org/docs/latest/server_admin/#configuring-realms")
def another_realm(world: World) -> Words:
    theirs, mine = world.pick("mcp-gateway", "acme", "tools"), world.pick("master", "acme-dev", "master")
    server = refusing(
        world,
        None,
        "Invalid token issuer",
        "Jwt issuer is not configured",
        change={"resource": {"authorization_servers": [f"{{issuer}}/realms/{theirs}"]}},
    )
    token = server.issue(iss=f"{server.own['issuer']}/realms/{mine}", kind="JWT")
    return ("doctor", server.mcp, "--credential", world.readable(token))
