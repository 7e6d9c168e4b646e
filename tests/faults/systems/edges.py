"""Systems that are well behind what stands before them: edges, balancers, browsers' rules, sessions, limits."""

from __future__ import annotations

import itertools
import secrets
import time

import jwt
from servers.scripted import Asked, Reply

from ..fault import Words, system
from ..mcp_site import McpSite, behind
from ..world import World

_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "WWW-Authenticate, Mcp-Session-Id"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Mcp-Protocol-Version, Mcp-Session-Id"),
    ("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"),
)


@system()
def mcp_server_behind_cloudflare_for_browsers_too(world: World) -> Words:
    def before(asked: Asked) -> Reply | None:
        return Reply(204, headers=held.headers) if asked.method == "OPTIONS" else None

    held = McpSite(
        world.variant.path, headers=(("Server", "cloudflare"), ("CF-RAY", "8f1a2b3c4d5e6f70-FRA"), *_CORS)
    )
    site, _ = behind(world, before, held)
    return ("doctor", world.url(site), "--credential", world.secret(held.token))


@system()
def mcp_server_with_sessions_on_several_instances(world: World) -> Words:
    held, turn = McpSite(world.variant.path), itertools.count()
    known: set[str] = set()

    def before(asked: Asked) -> Reply | None:
        if asked.path != held.path or asked.bearer != held.token:
            return None
        mark = ("X-Served-By", f"mcp-{next(turn) % 3}")
        if asked.message.get("method") == "initialize":
            known.add(made := secrets.token_hex(16))
            return Reply(200, held.spoken(asked).body, headers=(("Mcp-Session-Id", made), mark))
        if asked.headers.get("mcp-session-id") not in known:
            return Reply(404, {"error": "Session not found"})
        return Reply(202 if asked.method == "DELETE" else 200, held.spoken(asked).body, headers=(mark,))

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site), "--credential", world.secret(held.token))


@system()
def mcp_server_with_strict_rules_for_hosts_and_origins(world: World) -> Words:
    def before(asked: Asked) -> Reply | None:
        if asked.host not in ("127.0.0.1", "localhost"):
            return Reply(421, "Invalid Host header", "text/plain")
        if "origin" in asked.headers:
            return Reply(403, "Invalid Origin header", "text/plain")
        accept = asked.headers.get("accept", "")
        both = "application/json" in accept and "text/event-stream" in accept
        return Reply(406, {"error": "Not Acceptable"}) if asked.path == held.path and not both else None

    held = McpSite(world.variant.path)
    site, _ = behind(world, before, held)
    accept = world.secret("application/json, text/event-stream")
    token = world.secret(held.token)
    return ("doctor", world.url(site), "--credential", token, "--header", f"Accept={accept}")


@system()
def token_of_many_groups_that_is_taken(world: World) -> Words:
    server = world.protected()
    token = server.issue(groups=[f"/departments/number-{n}/team" for n in range(200)])
    return ("doctor", server.mcp, "--credential", world.secret(token))


@system()
def address_that_moved_within_its_origin(world: World) -> Words:
    held = McpSite(world.variant.path)
    old = world.pick("/old", "/mcp-v1", "/blue/mcp")

    def before(asked: Asked) -> Reply | None:
        return Reply(308, headers=(("Location", held.path),)) if asked.path == old else None

    site, _ = behind(world, before, held)
    return ("doctor", world.url(site, old), "--kind", "mcp", "--credential", world.secret(held.token))


@system()
def server_that_gives_its_own_tokens_and_was_restarted(world: World) -> Words:
    key, now = secrets.token_bytes(32), int(time.time())
    held = McpSite(world.variant.path)

    def before(asked: Asked) -> Reply | None:
        return Reply(200, {"status": "ok", "uptime": 60}) if asked.path == "/health" else None

    site, _ = behind(world, before, held)
    base = world.url(site, "")
    claims = {"iss": base, "aud": world.url(site), "sub": "u1", "iat": now - 7200, "exp": now + 864000}
    held.token = jwt.encode(claims, key, algorithm="HS256")
    return ("doctor", world.url(site), "--credential", world.secret(held.token))


@system()
def api_with_a_key_in_a_header_behind_apache(world: World) -> Words:
    key = secrets.token_urlsafe(24)
    name = world.pick("X-Api-Key", "Api-Key", "X-Auth-Token")
    mark = (("Server", "Apache/2.4.62"), ("X-Powered-By", "PHP/8.2"))

    def answering(asked: Asked) -> Reply:
        if asked.path != "/v1/items":
            return Reply(404, {"message": "Not Found"}, headers=mark)
        if asked.headers.get(name.lower()) != key:
            return Reply(401, {"message": "Missing or invalid API key"}, headers=mark)
        return Reply(200, {"items": []}, headers=mark)

    site = world.serve(answering)
    header = f"{name}={world.secret(key)}"
    return ("doctor", world.url(site, "/v1/items"), "--kind", "api", "--header", header)
