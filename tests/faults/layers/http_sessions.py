"""Faults of what a server forgets: sessions, and keys that its instances do not share."""

from __future__ import annotations

import itertools
import secrets
import threading
import time

import jwt
from servers.scripted import Asked, Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World


@fault("mcp-session-lost", source="PrefectHQ/fastmcp#1003", alone=False)
def of_another_instance(world: World) -> Words:
    lost = world.pick(
        Reply(
            404,
            {
                "jsonrpc": "2.0",
                "id": "server-error",
                "error": {"code": -32600, "message": "Session not found"},
            },
        ),
        Reply(
            400,
            {
                "jsonrpc": "2.0",
                "id": None,
                "error": {"code": -32000, "message": "Bad Request: No valid session ID provided"},
            },
        ),
        Reply(404, {"detail": "session unknown on this API instance"}),
    )
    turn, lock = itertools.count(), threading.Lock()
    every = world.pick(1, 2, 3)
    held = McpSite(world.variant.path)

    def before(asked: Asked) -> Reply | None:
        if asked.path != held.path or asked.bearer != held.token or asked.method != "POST":
            return None
        if asked.headers.get("mcp-session-id"):
            with lock:
                return lost if next(turn) % every == 0 else None
        if asked.message.get("method") != "initialize":
            return None
        said = held.spoken(asked)
        return Reply(said.status, said.body, headers=(("Mcp-Session-Id", secrets.token_hex(16)),))

    site, _ = behind(world, before, held)
    return doctor(world, site, held)


@fault("replicas-hold-different-keys", source="keboola/mcp-server#508", alone=False, certainty="likely")
def instances_that_differ(world: World) -> Words:
    held = McpSite(world.variant.path)
    turn, lock = itertools.count(world.pick(0, 0, 0)), threading.Lock()
    of = world.pick(2, 3, 2)
    names = world.pick(("X-Served-By", "mcp-7f"), ("X-Instance-Id", "i-0"), ("Server", "uvicorn"))

    def before(asked: Asked) -> Reply | None:
        if asked.bearer != held.token:
            return None
        with lock:
            number = next(turn) % of
        mark = ((names[0], f"{names[1]}{number}"),)
        if number == of - 1:
            said = held.spoken(asked)
            return Reply(said.status, said.body, headers=mark)
        refused = held.refused(asked)
        return Reply(refused.status, refused.body, headers=(*refused.headers, *mark))

    site, _ = behind(world, before, held)
    return doctor(world, site, held)


@fault("server-signing-secret-regenerated-on-restart", source="amantus-ai/vibetunnel#637")
def restarted_with_another_secret(world: World) -> Words:
    held = McpSite(world.variant.path)
    lasted = world.pick(120, 300, 45)
    health = world.pick(
        lambda: {"status": "ok", "uptime": lasted},
        lambda: {
            "status": "healthy",
            "started_at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - lasted)),
        },
        lambda: {"ok": True, "uptime_seconds": float(lasted)},
    )

    def before(asked: Asked) -> Reply | None:
        return Reply(200, health()) if asked.path == "/health" else None

    site, _ = behind(world, before, held)
    now = int(time.time())
    base = world.url(site, "")
    claims = {"iss": base, "aud": world.url(site), "sub": "u1", "iat": now - 7200, "exp": now + 86400}
    token = jwt.encode(claims, secrets.token_bytes(32), algorithm="HS256")
    return ("doctor", world.url(site), "--credential", world.readable(token))
