"""What Microsoft Entra ID refuses: consent, tenants, policies, scopes, platforms."""

from __future__ import annotations

import uuid

from oddities.odd_server import Odd

from ..fault import Words, fault
from ..refusing import entra, token_endpoint
from ..world import World


@fault("entra-unqualified-scope-resolves-to-graph", source="anthropics/claude-code#73460")
def scope_of_graph(world: World) -> Words:
    app, scope = world.pick(
        ("tools", "mcp.read"), ("consumer", "user_impersonation"), ("Portal 2", "Data.All")
    )
    says = (
        f"The application '{app}' asked for scope '{scope}' that doesn't exist on the resource"
        " '00000003-0000-0000-c000-000000000000'. Contact the app vendor."
    )
    return token_endpoint(
        world, 400, entra("AADSTS650053", says, world.pick("invalid_client", "invalid_scope"))
    )


@fault("consent-missing-entra", source="microsoft/mattercenter#656")
def no_consent(world: World) -> Words:
    code, says = world.pick(
        (
            "AADSTS65001",
            "The user or administrator has not consented to use the application with ID"
            f" '{uuid.uuid4()}' named 'reader'. Send an interactive authorization request for this user and resource.",
        ),
        (
            "AADSTS90094",
            "The app needs access to resources in your organization that only an admin can grant. Please ask an admin"
            " to grant permission to this app before you can use it.",
        ),
        ("AADSTS900941", "Administrator consent is required. App is considered risky."),
    )
    return token_endpoint(world, 400, entra(code, says, suberror=world.pick("consent_required", "", "")))


@fault("entra-wrong-tenant-or-account", source="wpo365/wpo365-login#36")
def other_tenant(world: World) -> Words:
    code, says, error = world.pick(
        (
            "AADSTS700016",
            f"Application with identifier '{uuid.uuid4()}' was not found in the directory 'Contoso'. This can happen if"
            " the application has not been installed by the administrator of the tenant.",
            "unauthorized_client",
        ),
        (
            "AADSTS50020",
            "User account 'ada@fabrikam.test' from identity provider 'live.com' does not exist in tenant 'Contoso' and"
            " cannot access the application in that tenant.",
            "invalid_grant",
        ),
        (
            "AADSTS90002",
            f"Tenant '{uuid.uuid4()}' not found. Check to make sure you have the correct tenant ID and are signing into"
            " the correct cloud.",
            "invalid_request",
        ),
    )
    return token_endpoint(world, world.pick(400, 401, 400), entra(code, says, error))


@fault("conditional-access-blocked", source="microsoft/azure-devops-mcp#776")
def by_policy(world: World) -> Words:
    code, says = world.pick(
        (
            "AADSTS53003",
            "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        ),
        (
            "AADSTS50076",
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must"
            f" use multi-factor authentication to access '{uuid.uuid4()}'.",
        ),
        ("AADSTS53000", "Device is not in required device state: compliant. The device must be enrolled."),
    )
    error = world.pick("invalid_grant", "interaction_required", "access_denied")
    return token_endpoint(world, 400, entra(code, says, error, claims=world.pick("", '{"access_token":{}}')))


@fault(
    "spa-redirect-platform-mismatch",
    source="Azure-Samples/ms-identity-javascript-angular-tutorial#37",
    herring="",
)
def other_platform(world: World) -> Words:
    from servers.scripted import Reply

    code, says = world.pick(
        (
            "AADSTS9002327",
            "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin"
            " requests.",
        ),
        (
            "AADSTS9002326",
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
        ),
        (
            "AADSTS90023",
            "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
        ),
    )
    refusal = Reply(world.pick(400, 400, 401), entra(code, says, "invalid_request"))
    return ("test", world.protected(Odd(instead={"token": refusal})).mcp)
