"""Faults of the layer audience: a token that was made for somebody else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from oddities.odd_server import Answer as Reply
from oddities.odd_server import Odd, OddServer

from ..fault import Words, fault
from ..world import World

_TENANT = "2f9a4c1e-7b30-4d55-9c1a-0e6d7a8b9c10"

_OUTSIDE = (
    "login.microsoftonline.com",
    "sts.windows.net",
    "acme.eu.auth0.com",
    *(f"cognito-idp.{region}.amazonaws.com" for region in ("us-east-1", "eu-west-1", "ap-northeast-1")),
)
"""Where nobody is asked in truth."""


def refusing(
    world: World, *said: str | None, change: Mapping[str, Mapping[str, object]] | None = None
) -> OddServer:
    """A server that takes no token, and words its refusal in one of these ways; None is a refusal without words."""
    for host in _OUTSIDE:
        world.name(host)
    words = world.pick(*said)
    more = {"error_description": words} if words else {}
    metadata = 'resource_metadata="{base}/.well-known/oauth-protected-resource{path}"'
    described = f', error_description="{words}"' if words else ""
    challenge = ("WWW-Authenticate", f'Bearer error="invalid_token"{described}, {metadata}')
    refusal = Reply(401, {"error": "invalid_token", **more}, headers=(challenge,))
    return world.protected(Odd(change=change or {}, instead={"unaccepted": refusal, "accepted": refusal}))


@fault("audience-not-bound-to-resource", source="sigbit/mcp-auth-proxy#129")
def another_audience(world: World) -> Words:
    server = world.protected()
    token = server.issue(aud=world.pick("https://api.acme.test", "billing", ["a.acme.test", "b.acme.test"]))
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("audience-keycloak-account-or-missing", source="agentic-community/mcp-gateway-registry#1117")
def account_of_keycloak(world: World) -> Words:
    realm = world.pick("tools", "acme", "mcp")
    server = refusing(
        world,
        None,
        "Invalid audience",
        "audience from claim aud with value [account] does not match with any of allowed audiences map[tools:{}]",
        change={"resource": {"authorization_servers": [f"{{issuer}}/realms/{realm}"]}},
    )
    token = server.issue(
        kind="JWT",
        iss=f"{server.own['issuer']}/realms/{realm}",
        aud=world.pick("account", None, ["realm-management", "account"]),
        azp=world.pick("cursor", "my-agent", "claude"),
        typ="Bearer",
        client_id=None,
        realm_access={"roles": ["offline_access", "uma_authorization"]},
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("audience-cognito-absent", source="PrefectHQ/fastmcp#3739")
def none_of_cognito(world: World) -> Words:
    pool = world.pick("us-east-1", "eu-west-1", "ap-northeast-1")
    issuer = f"https://cognito-idp.{pool}.amazonaws.com/{pool}_aB3dE5gH7"
    server = refusing(
        world,
        None,
        "JSON error: missing field `aud` at line 1 column 462",
        "IDX10206: Unable to validate audience. The 'audiences' parameter is empty.",
        change={"resource": {"authorization_servers": [issuer]}},
    )
    token = server.issue(
        kind="JWT",
        iss=issuer,
        aud=None,
        token_use="access",
        client_id=world.pick(
            "5bsjlins3936h9gvpi0c24ah5b", "1irae6vkl1v4f8so6o09h787ev", "7a8b9c0d1e2f3g4h5i6j7k"
        ),
        username=world.pick("Test2", "alice", "m2m"),
        scope=world.pick("aws.cognito.signin.user.admin", "read", "openid email"),
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("audience-entra-api-prefix", source="microsoft/mcp#1462")
def prefix_of_entra(world: World) -> Words:
    app = str(uuid.uuid4())
    issuer = world.pick(
        f"https://login.microsoftonline.com/{_TENANT}/v2.0",
        f"https://sts.windows.net/{_TENANT}/",
        f"https://login.microsoftonline.com/{_TENANT}/v2.0",
    )
    wanted = world.pick(f"api://{app}", app, "{base}{path}")
    server = refusing(
        world,
        None,
        f"jwt audience invalid. expected: {app}",
        "IDX10214: Audience validation failed. See https://aka.ms/identitymodel/app-context-switches",
        change={
            "resource": {
                "resource": wanted,
                "authorization_servers": [issuer],
                "scopes_supported": [f"api://{app}/user_impersonation"],
            }
        },
    )
    token = server.issue(
        kind="JWT",
        iss=issuer,
        aud=world.pick(app, f"api://{app}", app),
        ver=world.pick("2.0", "1.0", "2.0"),
        tid=_TENANT,
        scp="user_impersonation",
        scope=None,
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("token-for-another-resource", source="vibber-ai/fastapi-azure-auth#129")
def for_another_api(world: World) -> Words:
    entra = f"https://login.microsoftonline.com/{_TENANT}/v2.0"
    issuer = world.pick(entra, entra, "https://acme.eu.auth0.com/")
    app = str(uuid.uuid4())
    server = refusing(
        world,
        None,
        "IDX10214: Audience validation failed. Audiences: 'https://management.azure.com'. Did not match:"
        f" validationParameters.ValidAudience: 'api://{app}' or validationParameters.ValidAudiences: 'null'.",
        "Token audience is not allowed",
        change={"resource": {"authorization_servers": [issuer], "scopes_supported": []}},
    )
    token = server.issue(
        kind="JWT",
        iss=issuer,
        aud=world.pick(
            "00000003-0000-0000-c000-000000000000",
            "https://management.azure.com",
            "https://acme.eu.auth0.com/api/v2/",
        ),
        scope=None,
        scp=world.pick("User.Read openid", "user_impersonation", "read:users"),
    )
    return ("doctor", server.mcp, "--credential", world.readable(token))
