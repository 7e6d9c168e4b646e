"""Faults of the layers discovery and pkce that a login finds: who gives tokens, and what it says of itself."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from oddities.odd_ones import challenge
from oddities.odd_server import Odd, served
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World
from .login_words import GONE, known, login

_PAGES: Final = (
    Reply(200, "<!doctype html><title>App</title><div id=root></div>", "text/html"),
    Reply(200, {}),
    Reply(200, "<html><body>Sign in to Blue Portal</body></html>", "text/html; charset=utf-8"),
)


@fault("protected-resource-mismatch", source="modelcontextprotocol/python-sdk#1264")
def metadata_of_another_resource(world: World) -> Words:
    resource = world.pick("https://internal.acme.test/mcp", "{base}/v1/other", "http://0.0.0.0:8000{path}")
    return login(world, Odd(change={"resource": {"resource": resource}}), *known(world))


@fault("resource-metadata-missing", source="akutishevsky/nutrition-mcp#51")
def no_metadata_where_it_is_said_to_be(world: World) -> Words:
    reply = world.pick(
        Reply(500, "Internal Server Error", "text/plain"),
        Reply(401, {"error": "unauthorized", "message": "Missing Authorization header"}),
        Reply(406, {"jsonrpc": "2.0", "error": {"code": -32000, "message": "Not Acceptable"}, "id": None}),
    )
    return login(world, Odd(instead={"resource": reply, "resource_root": reply}), *known(world))


@fault("as-metadata-missing", source="anthropics/claude-code#31349")
def an_issuer_without_metadata(world: World) -> Words:
    reply = world.pick(
        GONE, Reply(403, "<h1>403 Forbidden</h1>", "text/html"), Reply(401, {"error": "unauthorized"})
    )
    issuer = world.pick("{issuer}", "{issuer}/oauth", "{issuer}/realms/blue")
    named = {"resource": {"authorization_servers": [issuer]}}
    return login(world, Odd(change=named, instead={"issuer": reply, "openid": reply}), *known(world))


@fault("well-known-answers-200-with-html-or-empty-json", source="anthropics/claude-code#56357")
def a_page_for_metadata(world: World) -> Words:
    page = world.pick(*_PAGES)
    odd = world.pick(
        Odd(instead={"resource": page, "resource_root": page}),
        Odd(instead={"issuer": page, "openid": page}),
        Odd(instead={"resource": page, "resource_root": page}),
    )
    return login(world, odd, *known(world))


@fault("as-metadata-issuer-mismatch", source="stacklok/toolhive#1825")
def metadata_of_another_issuer(world: World) -> Words:
    issuer = world.pick(
        "{issuer}/", "https://login.acme.test/realms/blue", "http://keycloak:8080/realms/main"
    )
    return login(world, Odd(change={"issuer": {"issuer": issuer}}), *known(world))


@fault("authorization-server-nearer-than-server", source="RFC 9728 section 7.7")
def a_login_in_a_private_network(world: World) -> Words:
    issuer = world.pick(
        "https://10.20.0.7/realms/blue", "https://192.168.4.4:8443", "https://localhost:9443/oauth"
    )
    odd = Odd(change={"resource": {"authorization_servers": [issuer]}})
    host = world.pick("mcp.acme.invalid", "tools.blue.invalid", "api.invalid")
    world.name(urlsplit(issuer).hostname or "")
    where = {"host": host, "issuer_host": "login.acme.invalid", "path": world.variant.path}
    server = world.enter(served(odd, **where))
    port = server.own["base"].rpartition(":")[2]
    world.env("HTTP_PROXY", f"http://127.0.0.1:{port}")
    return ("doctor", server.mcp, "--login", *known(world), "--timeout", "20")


@fault("authorization-server-not-https", source="https://www.keycloak.org/server/reverseproxy")
def a_login_in_the_clear(world: World) -> Words:
    world.name("login.acme.test")
    odd = world.pick(
        Odd(change={"resource": {"authorization_servers": ["http://login.acme.test:{port}/realms/blue"]}}),
        Odd(change={"issuer": {"token_endpoint": "http://sso.blue.test:{port}/token"}}),
        Odd(change={"issuer": {"authorization_endpoint": "http://keycloak:8080/realms/main/auth"}}),
    )
    return login(world, odd, *known(world))


@fault("authorization-endpoint-unusable", source="RFC 8414 section 2")
def an_endpoint_that_is_no_address(world: World) -> Words:
    place = world.pick("javascript:alert(1)", "file:///etc/hosts", "/oauth/authorize")
    return login(world, Odd(change={"issuer": {"authorization_endpoint": place}}), *known(world))


@fault("authorization-endpoint-missing", source="RFC 8414 section 2")
def nobody_logs_in_here(world: World) -> Words:
    grants = world.pick(["client_credentials"], ["client_credentials", "refresh_token"], None)
    change = {"authorization_endpoint": None, "response_types_supported": [], "grant_types_supported": grants}
    return login(world, Odd(change={"issuer": change}), *known(world))


@fault("authorization-server-unreachable", source="https://www.keycloak.org/server/hostname", herring="")
def endpoints_where_nobody_is(world: World) -> Words:
    place = world.pick(
        "{dead}/register", "{dead}/connect/register", "{dead}/realms/blue/clients-registrations/openid"
    )
    return login(world, Odd(change={"issuer": {"registration_endpoint": place}}))


@fault("token-endpoint-missing", source="RFC 8414 section 2")
def no_token_endpoint(world: World) -> Words:
    value = world.pick(None, "", None)
    return login(world, Odd(change={"issuer": {"token_endpoint": value}}), *known(world))


@fault("device-flow-not-offered", source="RFC 8628 section 4")
def no_device_flow(world: World) -> Words:
    grants = world.pick(["authorization_code"], ["authorization_code", "refresh_token"], None)
    change = {"device_authorization_endpoint": None, "grant_types_supported": grants}
    return login(world, Odd(change={"issuer": change}), *known(world, way="device_code"))


@fault("pkce-not-advertised", source="anthropics/claude-ai-mcp#946")
def pkce_is_not_named(world: World) -> Words:
    methods = world.pick(None, ["plain"], [])
    return login(world, Odd(change={"issuer": {"code_challenge_methods_supported": methods}}), *known(world))


@fault("challenge-scheme-not-bearer", source="getsentry/junior#832", herring="")
def another_scheme(world: World) -> Words:
    scheme = world.pick("Cloudflare-Access", "OAuth", "X-Corp-SSO")
    says = challenge(f'{scheme} resource_metadata="{{base}}/elsewhere/resource"')
    body = Reply(body={"resource": "{base}{path}", "authorization_servers": ["{issuer}"]})
    instead = {"resource": GONE, "resource_elsewhere": body, "refusal": says, "unaccepted": says}
    return login(world, Odd(instead=instead))


@fault("authorization-server-variant-wrong", source="okta/okta-developer-docs#1975")
def an_issuer_beside(world: World) -> Words:
    issuer = world.pick("{base}", "{issuer}/oauth2/default", "https://dev-1234.okta.test/oauth2/aus9x")
    return login(world, Odd(), *known(world, "--set", f"issuer={issuer}"))
