"""Faults that an issuer shows where it is asked about a token, or for one: what it no longer takes, and from whom."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

from support.issuing import Give, Issuer, issuing, says, unknown_token

from wizard.oauth import kept, sessions

from ..fault import Words, fault
from ..world import World
from .audience import refusing
from .kept_logins import refused

_PATHS = ("/realms/acme", "/oauth2/default", "/realms/tools")
_SOON = 200
"""Seconds that the tokens live: that is noticed, and explains nothing."""
_INACTIVE = says(200, {"active": False})


def _token(world: World, issuer: Issuer, *more: str, **claims: object) -> Words:
    token = issuer.token(**{"exp": int(time.time()) + _SOON, **claims})
    return ("token", world.secret(token), *more)


def _introspected(world: World) -> Words:
    secret = world.secret(secrets.token_urlsafe(24))
    return ("--introspect", "--set", "client_id=server", "--secret", f"client_secret={secret}")


@fault(
    "token-revoked-or-user-disabled",
    source="punkpeye/mcp-remote#91",
    herring="token-expires-soon",
    alone=False,
)
def revoked(world: World) -> Words:
    issuer = world.enter(issuing(world.pick(*_PATHS)))
    issuer.pages["/introspect"] = _INACTIVE
    issuer.pages["/userinfo"] = unknown_token(world.pick("gone", "Token revoked", "User disabled"))
    return _token(world, issuer, *_introspected(world), aud="server")


@fault(
    "introspection-or-userinfo-other-hostname",
    source="keycloak/keycloak#26017",
    herring="token-expires-soon",
    certainty="likely",
    alone=False,
)
def by_another_host(world: World) -> Words:
    issuer = world.enter(issuing(world.pick("/realms/acme", "/realms/tools", "/auth/realms/blue")))
    if world.variant.number == 1:
        issuer.pages["/introspect"] = _INACTIVE
        return _token(world, issuer, *_introspected(world), aud="server")
    issuer.pages["/userinfo"] = unknown_token()
    return _token(world, issuer, "--userinfo")


@fault(
    "userinfo-token-for-another-resource",
    source="RFC 8707 section 2",
    herring="token-expires-soon",
    certainty="likely",
    alone=False,
)
def for_a_resource(world: World) -> Words:
    issuer = world.enter(issuing(world.pick("/oidc", "/oauth2/default", "")))
    issuer.pages["/userinfo"] = unknown_token(world.pick("invalid token provided", "", "audience mismatch"))
    aud = world.pick("https://mcp.acme.test/mcp", "https://api.blue.test", ["https://tools.acme.test/v1/mcp"])
    return _token(world, issuer, "--userinfo", aud=aud)


@fault("refresh-token-expired-or-revoked", source="RFC 6749 section 5.2", herring="")
def refresh_token_ended(world: World) -> Words:
    return refused(
        world,
        "invalid_grant",
        "Refresh token expired",
        "The refresh token is revoked",
        "Unknown refresh token.",
    )


@fault("refresh-issuer-mismatch-keycloak", source="keycloak/keycloak#27660", herring="")
def refreshed_by_another_host(world: World) -> Words:
    return refused(
        world,
        "invalid_grant",
        "Invalid token issuer",
        "Invalid token issuer. Expected 'http://keycloak:8080/realms/tools', but was 'https://sso.acme.test/realms/tools'",
        "invalid token issuer",
    )


def _by_assertion(world: World, assertion: str, answer: Give) -> Words:
    issuer = world.enter(issuing(world.pick("/as", "/oauth2/default", "/realms/work")))
    issuer.pages["/token"] = answer
    server = refusing(world, None, change={"resource": {"authorization_servers": [issuer.url]}})
    secret = world.readable(secrets.token_urlsafe(24))
    return (
        *("doctor", server.mcp, "--method", "jwt_bearer", "--set", "client_id=work"),
        *("--set", f"token_endpoint={issuer.url}/token", "--set", f"issuer={issuer.url}"),
        *("--secret", f"client_secret={secret}", "--secret", f"assertion={world.secret(assertion)}"),
    )


def _refusal(world: World) -> Give:
    return says(
        400,
        {
            "error": "invalid_grant",
            "error_description": world.pick("Invalid assertion", "The assertion is not valid", "no"),
        },
    )


@fault("assertion-expired", source="RFC 7523 section 3")
def assertion_too_old(world: World) -> Words:
    with issuing("/platform") as platform:
        ended = int(time.time()) - world.pick(400, 90_000, 7_000)
        assertion = platform.token(aud="anybody", exp=ended, iat=ended - 300)
    return _by_assertion(world, assertion, _refusal(world))


@fault("assertion-refused", source="RFC 7523 section 3.1", herring="")
def assertion_not_taken(world: World) -> Words:
    return _by_assertion(world, secrets.token_urlsafe(world.pick(30, 40, 50)), _refusal(world))


@fault("assertion-wrong-audience", source="RFC 7523 section 3")
def assertion_for_another(world: World) -> Words:
    with issuing("/platform") as platform:
        assertion = platform.token(
            aud=world.pick("https://other.test", "sts.amazonaws.com", "https://blue.test/token")
        )
    return _by_assertion(world, assertion, _refusal(world))


@fault("google-testing-mode-7-day-refresh", source="googleapis/google-api-dotnet-client#1905", herring="")
def a_week_of_google(world: World) -> Words:
    words = refused(world, "invalid_grant", "Token has been expired or revoked.", "Bad Request", "")
    held = sessions.read(words[1])
    days = world.pick(7.0, 6.5, 7.9)
    login = replace(held.login, issuer="https://accounts.google.com")
    kept.put(words[1], replace(held, login=login, made_at=time.time() - days * 86_400))
    return words
