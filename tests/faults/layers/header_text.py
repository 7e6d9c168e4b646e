"""Faults of the layer header: the credential's header as it is written, and redirects that lose it."""

from __future__ import annotations

import secrets
from base64 import b64encode

from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind
from ..world import World


@fault("authorization-header-missing", source="modelcontextprotocol/inspector#391")
def under_another_name(world: World) -> Words:
    site, held = behind(world, lambda _: None)
    name = world.pick("X-Api-Key", "X-Authorization", "Token")
    return ("doctor", world.url(site), "--header", f"{name}={world.readable(held.token)}")


@fault("authorization-scheme-malformed", source="kubernetes/kubernetes#52919")
def not_of_its_form(world: World) -> Words:
    held = McpSite(world.variant.path)
    refusal = world.pick(
        Reply(401, {"error": "malformed_header"}),
        Reply(400, {"error": "invalid_request", "error_description": "Malformed Authorization header"}),
        Reply(401, "Unauthorized", "text/plain"),
    )

    def before(asked: Asked) -> Reply | None:
        sent = asked.headers.get("authorization", "Bearer x")
        return None if sent.startswith("Bearer ") and not sent.startswith("Bearer  ") else refusal

    site, _ = behind(world, before, held)
    sent = world.pick(f"Bearer:{held.token}", f"Bearer{held.token}", held.token)
    return ("doctor", world.url(site), "--header", f"Authorization={world.readable(sent)}")


@fault("double-bearer-prefix", source="nuxt-community/auth-module#95")
def the_word_twice(world: World) -> Words:
    held = McpSite(world.variant.path)
    held.invalid = world.pick(
        {"error": "invalid_token"}, {"message": "jwt malformed"}, "Invalid bearer token"
    )
    site, _ = behind(world, lambda _: None, held)
    sent = world.pick(f"Bearer {held.token}", f"bearer {held.token}", f"Bearer {held.token}")
    return ("doctor", world.url(site), "--credential", world.readable(sent))


@fault("redirect-trailing-slash-drops-auth", source="zoho/analytics-mcp-server#22")
def with_another_slash(world: World) -> Words:
    held = McpSite(world.pick("/mcp/", "/v1/tools/mcp", "/teams/blue/mcp/"))
    asked_for = f"{held.path}/" if world.variant.number == 1 else held.path[:-1]
    status = world.pick(301, 302, 301)

    def before(asked: Asked) -> Reply | None:
        if asked.path != asked_for:
            return None
        host = asked.headers.get("host", "")
        place = world.pick(f"http://{host}{held.path}", held.path, f"http://{host}{held.path}")
        return Reply(status, headers=(("Location", place),))

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site, asked_for), "--credential", world.readable(held.token))


@fault("basic-credentials-wrong", source="RFC 7617 section 2", herring="")
def nobody_of_that_name(world: World) -> Words:
    user, password = world.pick("alice", "alice@acme.test", "ACME\\alice"), secrets.token_urlsafe(12)
    good = b64encode(f"{user}:{password}".encode()).decode()
    realm = world.pick("Restricted", "Jira", "intranet")
    refusal = Reply(
        401,
        world.pick("Unauthorized", {"message": "Basic authentication failed"}, "<h1>401</h1>"),
        world.pick("text/plain", "application/json", "text/html"),
        (("WWW-Authenticate", f'Basic realm="{realm}"'),),
    )
    site = world.serve(
        lambda a: Reply(200, {"ok": 1}) if a.headers.get("authorization") == f"Basic {good}" else refusal
    )
    given = world.secret(secrets.token_urlsafe(12))
    return (
        *(
            "doctor",
            world.url(site, world.pick("/v1/me", "/rest/api/3/myself", "/api/user")),
            "--kind",
            "api",
        ),
        *("--method", "basic", "--set", f"username={user}", "--secret", f"password={given}"),
    )
