"""Faults of the layer scope: the scope is there and not found; too many were asked for, or none."""

from __future__ import annotations

from oddities.odd_server import Answer, Odd

from ..fault import Words, fault
from ..world import World

_METADATA = 'resource_metadata="{base}/.well-known/oauth-protected-resource{path}"'


def forbidden(body: object, *challenge: str, kind: str = "application/json") -> Answer:
    """A refusal of a token that is known."""
    return Answer(403, body, kind, tuple(("WWW-Authenticate", c) for c in challenge))


def asked_for(world: World, answer: Answer, **claims: object) -> Words:
    """A token with these claims, which the server refuses so."""
    server = world.protected(Odd(instead={"accepted": answer}))
    return ("doctor", server.mcp, "--credential", world.readable(server.issue(**claims)))


@fault("scope-claim-name-mismatch", source="envoyproxy/gateway#8027")
def another_claim(world: World) -> Words:
    need = world.pick("read", "access_as_user", "mcp:tools")
    challenge = f'Bearer error="insufficient_scope", scope="{need}", {_METADATA}'
    answer = world.pick(
        forbidden("RBAC: access denied", challenge, kind="text/plain"),
        forbidden({"message": f"no one user scope: '' match with some allowed scope: '{need}'"}),
        forbidden({"error": "insufficient_scope", "error_description": "The scp claim is absent"}, challenge),
    )
    claims = world.pick(
        {"scope": None, "scp": [need, "openid"]},
        {"scope": None, "scp": need},
        {"scope": None, "permissions": ["items:list", need]},
    )
    return asked_for(world, answer, **claims)


@fault("scope-format-string-vs-array", source="ThreeMammals/Ocelot#913")
def another_form(world: World) -> Words:
    need = world.pick("Values.Read", "read", "catalog.read")
    held = world.pick(f"{need} Values.Write", [need, "write"], f"{need},catalog.write")
    challenge = f'Bearer error="insufficient_scope", scope="{need}"'
    answer = world.pick(
        forbidden(
            {"message": f"no one user scope: '{held}' match with some allowed scope: '{need}'"}, challenge
        ),
        forbidden({"message": "User is not authorized to access this resource"}, challenge),
        forbidden({"error": "insufficient_scope", "error_description": f"required scope '{need}' not found"}),
    )
    return asked_for(world, answer, scope=held)


@fault("no-scope-requested", source="anthropics/claude-code#90190")
def nothing_asked(world: World) -> Words:
    need = world.pick("mcp/read", "https://api.acme.test/use", "orders.read")
    challenge = f'Bearer error="insufficient_scope", scope="{need}"'
    answer = world.pick(
        forbidden({"error": "insufficient_scope"}, challenge),
        forbidden({"message": "Forbidden"}, challenge),
        forbidden({"error": "forbidden", "message": f"missing required scope: {need}"}),
    )
    held = world.pick("aws.cognito.signin.user.admin", "aws.cognito.signin.user.admin openid", None)
    more = {"token_use": "access", "client_id": "3n4b5urk1ft4fl3mg5e62d9ado"}
    return asked_for(world, answer, scope=held, **more)


@fault("invalid-scope-requested-from-metadata", source="openchoreo/openchoreo#3217", herring="")
def the_whole_list(world: World) -> Words:
    every = world.pick(
        ["openid", "profile", "email", "phone"],
        ["channels:history", "search:read", "users:read"],
        ["read", "write", "admin:everything"],
    )
    says = world.pick(
        {"error": "invalid_scope"},
        {"error": "invalid_scope", "error_description": "Invalid permissions requested: search:read"},
        {
            "error": "invalid_scope",
            "error_description": "The client is not allowed to ask for admin:everything",
        },
    )
    refusal = Answer(401, {"error": "unauthorized"}, headers=(("WWW-Authenticate", f"Bearer {_METADATA}"),))
    issuer = world.pick({"scopes_supported": every}, {}, {"scopes_supported": [*every, "offline"]})
    odd = Odd(
        change={
            "resource": {"scopes_supported": every},
            "issuer": issuer,
            "authorize": {"code": None, **says},
        },
        instead={"refusal": refusal},
    )
    return ("test", world.protected(odd).mcp)
