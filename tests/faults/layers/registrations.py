"""Faults of the layers registration and cache that a login finds: which client this program is."""

from __future__ import annotations

import secrets

from oddities.odd_ones import back, token
from oddities.odd_server import Odd
from servers.real import free_port
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World
from .login_words import known, login


@fault("registration-endpoint-missing", source="github/github-mcp-server#1404", herring="")
def no_registration(world: World) -> Words:
    change = {
        "registration_endpoint": world.pick(None, None, ""),
        "scopes_supported": world.pick(["repo"], None),
    }
    return login(world, Odd(change={"issuer": change}))


@fault("registration-refused", source="anthropics/claude-ai-mcp#402", herring="")
def registration_for_others(world: World) -> Words:
    reply = world.pick(
        Reply(
            403, {"error": "access_denied", "error_description": "Dynamic client registration is disabled"}
        ),
        Reply(401, {"error": "invalid_token", "error_description": "An initial access token is required"}),
        Reply(404, "<!doctype html><p>Not here", "text/html"),
    )
    return login(world, Odd(instead={"register": reply}))


@fault("dcr-rejected-by-policy-keycloak", source="keycloak/keycloak#43654", herring="")
def keycloaks_policy(world: World) -> Words:
    says = world.pick(
        "Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted.",
        "Policy 'Allowed Client Scopes' rejected request to client-registration service. Details: Not permitted to use"
        " specified clientScope",
        "Policy 'Max Clients Limit' rejected request to client-registration service.",
    )
    body = {"error": "insufficient_scope", "error_description": says}
    return login(world, Odd(instead={"register": Reply(403, body)}))


@fault("dcr-redirect-not-allowlisted", source="every-app/open-seo#48", herring="")
def registration_of_other_redirect_uris(world: World) -> Words:
    body = world.pick(
        {"error": "invalid_redirect_uri"},
        {"error": "invalid_client_metadata", "error_description": "redirect_uris must use https"},
        {"error": "invalid_redirect_uri", "error_description": "Redirect URI is not in the allowed list"},
    )
    return login(world, Odd(instead={"register": Reply(400, body)}))


@fault(
    "client-metadata-url-unusable",
    source="draft-ietf-oauth-client-id-metadata-document-00 section 3",
    herring="",
)
def a_document_that_may_not_be_used(world: World) -> Words:
    place = world.pick(
        "http://acme.test/client.json", "https://acme.test", "https://acme.test/client.json#two"
    )
    odd = Odd(change={"issuer": {"client_id_metadata_document_supported": True}})
    named = (
        "--method",
        "authorization_code",
        "--set",
        f"client_metadata_url={place}",
        "--port",
        str(free_port()),
    )
    return login(world, odd, *named)


@fault("client-id-not-known", source="RFC 6749 section 4.1.2.1")
def a_client_that_nobody_knows(world: World) -> Words:
    page = world.pick(
        Reply(400, "<title>Error</title><p>Client not found.</p>", "text/html"),
        Reply(400, {"error": "invalid_client", "error_description": "client is invalid"}),
        Reply(403, "<h1>Oops!</h1><p>invalid_request: Unknown client: 77ab</p>", "text/html"),
    )
    return login(world, Odd(instead={"authorize": page}), *known(world))


@fault(
    "public-client-flow-secret-required",
    source="AzureAD/microsoft-authentication-library-for-js#3273",
    herring="",
)
def entra_wants_a_secret(world: World) -> Words:
    says = (
        "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        f" Trace ID: {secrets.token_hex(8)}"
    )
    odd = Odd(instead=token(world.pick(401, 400), {"error": "invalid_client", "error_description": says}))
    words = known(world)
    at = words.index("--secret")
    return login(world, odd, *words[:at], *words[at + 2 :])


@fault("public-client-must-not-send-secret", source="Azure-Samples/ms-identity-python-webapp#113")
def entra_wants_none(world: World) -> Words:
    error = world.pick("invalid_client", "invalid_request")
    says = "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
    odd = Odd(instead=token(world.pick(401, 400), {"error": error, "error_description": says}))
    return login(world, odd, *known(world))


@fault("scope-not-known-at-issuer", source="anthropics/claude-code#34371")
def scopes_of_somebody_else(world: World) -> Words:
    says = world.pick(
        "Invalid scopes: mcp:tools", "The requested scope is invalid, unknown, or malformed.", ""
    )
    return login(
        world,
        Odd(change=back(code=None, error="invalid_scope", error_description=says or None)),
        *known(world),
    )


@fault("resource-not-accepted", source="microsoft/powerbi-modeling-mcp#68")
def a_resource_that_it_does_not_know(world: World) -> Words:
    odd = world.pick(
        Odd(change=back(code=None, error="invalid_target", error_description="The resource is unknown")),
        Odd(
            instead=token(400, {"error": "invalid_target", "error_description": "Unknown resource indicator"})
        ),
        Odd(instead=token(400, {"error": "invalid_target"})),
    )
    return login(world, odd, *known(world))
