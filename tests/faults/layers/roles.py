"""Faults of the layer role: a role missing or elsewhere, an account that is not ready, and nobody's token."""

from __future__ import annotations

from oddities.odd_server import KNOWN, Answer, Odd

from ..fault import Words, fault
from ..refusing import entra, token_endpoint
from ..world import World
from .logins import login
from .scope_forms import asked_for, forbidden


@fault(
    "scope-present-role-missing",
    source="mauriciovigolo/keycloak-angular#218",
    certainty="proven",
    alone=False,
)
def without_the_role(world: World) -> Words:
    role = world.pick("manager", "mcp-admin", "Reports.Read.All")
    answer = world.pick(
        forbidden({"error": "forbidden", "message": f"User does not have required role: {role}"}),
        forbidden({"message": "Forbidden resource", "requiredRoles": [role]}),
        forbidden(f"Access denied. The role '{role}' is required.", kind="text/plain"),
    )
    return asked_for(
        world,
        answer,
        **world.pick(
            {"realm_access": {"roles": ["offline_access", "uma_authorization"]}},
            {
                "realm_access": {"roles": ["user"]},
                "resource_access": {"account": {"roles": ["view-profile"]}},
            },
            {"roles": ["Reports.List"]},
        ),
    )


@fault("role-location-or-prefix-mismatch", source="ferrerojosh/nest-keycloak-connect#81")
def role_elsewhere(world: World) -> Words:
    answer = world.pick(
        forbidden({"message": "Forbidden resource", "error": "Forbidden", "detail": "requires role 'admin'"}),
        forbidden({"error": "access_denied", "error_description": "missing required role: ROLE_EDITOR"}),
        forbidden({"error": "forbidden", "required_roles": ["realm:ops"]}),
    )
    return asked_for(
        world,
        answer,
        **world.pick(
            {"resource_access": {KNOWN: {"roles": ["admin"]}}, "realm_access": {"roles": ["offline_access"]}},
            {"realm_access": {"roles": ["editor", "offline_access"]}},
            {"realm_access": {"roles": ["ops"]}},
        ),
    )


@fault("service-account-token-without-user-claims", source="oauth2-proxy/oauth2-proxy#1931")
def nobody_behind(world: World) -> Words:
    client = world.pick("reporting-job", "agent-sre-agent-m2m", "app-7")
    mark = world.pick(
        {"sub": f"{client}@clients", "gty": "client-credentials"},
        {"preferred_username": f"service-account-{client}", "sub": "f:1:2", "azp": client},
        {"idtyp": "app", "sub": client, "client_id": client},
    )
    answer = world.pick(
        forbidden(
            {"error": "forbidden", "message": "could not get user: neither email nor username claim present"}
        ),
        forbidden({"detail": "Token is missing required claim: email"}),
        forbidden({"error": "access_denied", "message": "Claim 'upn' not found in token"}),
    )
    return asked_for(world, answer, **mark)


def refused_login(world: World, **says: str) -> Words:
    """The browser comes back with an error."""
    return login(world, Odd(change={"authorize": {"code": None, **says}}))


@fault("user-not-assigned-to-app", source="microsoftgraph/microsoft-graph-explorer-v4#1333", herring="")
def not_assigned(world: World) -> Words:
    code = "AADSTS50105"
    says = (
        "Your administrator has configured the application MCP tools to block users unless they are specifically"
        " granted ('assigned') access to the application. The signed in user 'ada@contoso.test' is blocked because they"
        " are not a direct member of a group with access."
    )
    older = (
        "The signed in user 'ada@contoso.test' is not assigned to a role for the application 'tools'(reader)."
    )
    if world.variant.number == 0:
        return token_endpoint(world, 400, entra(code, says))
    okta = "User is not assigned to the client application."
    return refused_login(
        world, error="access_denied", error_description=world.pick("", okta, f"{code}: {older}")
    )


@fault("email-not-verified", source="oauth2-proxy/oauth2-proxy#1712")
def unverified(world: World) -> Words:
    answer = world.pick(
        Answer(500, "Internal Server Error: email in id_token (ada@home.test) isn't verified", "text/plain"),
        forbidden(
            {"error": "access_denied", "error_description": "Please verify your email before logging in."}
        ),
        forbidden({"message": "The e-mail address of this account has not been verified"}),
    )
    claims = world.pick({"email_verified": False}, {"email_verified": False}, {})
    return asked_for(world, answer, email="ada@home.test", **claims)


@fault("account-not-fully-set-up", source="keycloak/keycloak#36108")
def unfinished(world: World) -> Words:
    says = {"error": "invalid_grant", "error_description": "Account is not fully set up"}
    if world.variant.number == 0:
        return token_endpoint(world, 400, says, "/realms/people/protocol/openid-connect/token")
    answer = world.pick(
        forbidden(says),
        forbidden(says),
        forbidden(
            {"message": "Login failed: invalid_grant: Account is not fully set up (resolve_required_actions)"}
        ),
    )
    return asked_for(world, answer)
