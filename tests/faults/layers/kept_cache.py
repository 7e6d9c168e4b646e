"""Faults of the layer cache: the logins that mcp-remote and Claude Code keep on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Final

from oddities.odd_server import OddServer

from ..fault import Words, fault
from ..world import World

_HOUR: Final = 3600
_LONG_GONE: Final = 4_000_000
"""No process has this number."""


def entry(world: World, url: str, client: str) -> Words:
    """An entry that goes by mcp-remote in one client's file, or the client's own login; the doctor's words for it."""
    bridged = {"command": "npx", "args": ["-y", "mcp-remote", url]}
    own = {"type": "http", "url": url}
    name = world.pick("notes", "tickets", "wiki")
    if client == "claude-code":
        world.file("project/.mcp.json", json.dumps({"mcpServers": {name: own}}))
    else:
        world.file("project/.cursor/mcp.json", json.dumps({"mcpServers": {name: bridged}}))
    return ("doctor", f"{client}:{name}")


def bridge(world: World, url: str, *, ago: float = 0.0, mode: int = 0o600, **files: object) -> Path:
    """Files of mcp-remote's for an address, last written so long ago."""
    folder = world.pick("mcp-remote-v1", "mcp-remote-v1", "mcp-remote-0.1.37")
    key = hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()
    made = world.home
    for name, value in files.items():
        end = name.replace("_txt", ".txt").replace("_log", ".log")
        end = end if "." in end else f"{end}.json"
        text = value if isinstance(value, str) else json.dumps(value)
        made = world.file(f".mcp-auth/{folder}/{key}_{end}", text, mode)
        os.utime(made, (time.time() - ago, time.time() - ago))
    return made


def tokens(*, left: float, refresh: bool = True) -> dict[str, object]:
    """What a token endpoint answered, with when it ends, in milliseconds."""
    now = time.time()
    found = {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "expires_in": _HOUR}
    return {
        **found,
        "expires_at": int((now + left) * 1000),
        **({"refresh_token": secrets.token_urlsafe(24)} if refresh else {}),
    }


def client_info(server: OddServer) -> dict[str, object]:
    """A client that was registered."""
    return {"client_id": secrets.token_hex(8), "redirect_uris": ["http://127.0.0.1:3334/oauth/callback"]}


def kept(
    world: World, url: str, *, left: float, refresh: bool = True, ago: float = 0.0, **more: object
) -> Path:
    """The login of Claude Code for one of its servers, beside that of its account."""
    now = time.time()
    one: dict[str, object] = {
        "serverName": "notes",
        "serverUrl": url,
        "clientId": secrets.token_hex(8),
        "accessToken": secrets.token_urlsafe(24),
        "expiresAt": int((now + left) * 1000),
        **({"refreshToken": secrets.token_urlsafe(24)} if refresh else {}),
        **more,
    }
    account = {
        "accessToken": secrets.token_urlsafe(24),
        "expiresAt": int((now + 9000) * 1000),
        "scopes": ["user"],
    }
    whole = {"claudeAiOauth": account, "mcpOAuth": {f"notes|{secrets.token_hex(8)}": one}}
    path = world.file(".claude/.credentials.json", json.dumps(whole))
    os.utime(path, (now - ago, now - ago))
    return path


@fault("login-success-but-store-locked", source="anthropics/claude-code#95425", herring="")
def left_behind(world: World) -> Words:
    """A lock of the wrong kind; a folder that a killed process left; a file beside the logins of another client."""
    server = world.protected()
    words = entry(world, server.mcp, "claude-code")
    if world.variant.number == 1:
        kept(world, server.mcp, left=-_HOUR, refresh=False, ago=3 * _HOUR)
    elif world.variant.number == 2:
        kept(world, server.mcp, left=-2 * _HOUR, ago=30 * _HOUR)
    lock = world.home / world.pick(
        ".claude/.storage-write.lock", ".claude/.oauth_refresh.lock", ".claude/.credentials.json.lock"
    )
    lock.parent.mkdir(exist_ok=True)
    if world.variant.number == 1:
        lock.mkdir()
    else:
        lock.write_text(world.pick("", "", json.dumps({"pid": _LONG_GONE})))
    then = time.time() - world.pick(30, 7200, 90000)
    os.utime(lock, (then, then))
    return words


@fault("token-file-not-writable", source="Azure/azure-cli#571", herring="")
def not_writable(world: World) -> Words:
    """A folder or file without the right to write: of the bridge, of a client, of a script."""
    server = world.protected()
    if world.variant.number == 2:
        ended = server.issue(exp=int(time.time()) - 2 * _HOUR, iat=int(time.time()) - 3 * _HOUR)
        held = {"access_token": ended, "refresh_token": secrets.token_urlsafe(24), "token_type": "Bearer"}
        file = world.file(".config/notes/accessTokens.json", json.dumps(held))
        file.parent.chmod(0o500)
        return ("doctor", server.mcp, "--credential", f"file:{file}")
    client = world.pick("cursor", "claude-code")
    words = entry(world, server.mcp, client)
    if client == "cursor":
        shut = bridge(world, server.mcp, tokens=tokens(left=-_HOUR), client_info=client_info(server)).parent
        shut.chmod(0o500)
    else:
        shut = kept(world, server.mcp, left=-_HOUR, ago=2 * _HOUR)
        shut.chmod(0o400)
        if client == "claude-code":
            shut.parent.chmod(0o555)
    return words


@fault(
    "expired-but-client-never-refreshes",
    source="auth0/auth0-mcp-server#166",
    herring="",
    certainty="likely",
    alone=False,
)
def never_renewed(world: World) -> Words:
    """A login was begun though a refresh token is there; the client was used since by its log."""
    server = world.protected()
    gone = world.pick(_HOUR, 9 * _HOUR, 26 * _HOUR)
    if world.variant.number == 1:
        words = entry(world, server.mcp, "claude-code")
        kept(world, server.mcp, left=-gone, ago=gone + _HOUR)
        log = world.file(".cache/claude-cli-nodejs/-home-me-project/mcp-logs-tickets/2026.jsonl", "{}\n")
        os.utime(log, (time.time() - 300, time.time() - 300))
        return words
    words = entry(world, server.mcp, "cursor")
    bridge(world, server.mcp, ago=gone + _HOUR, tokens=tokens(left=-gone), client_info=client_info(server))
    bridge(world, server.mcp, ago=world.pick(90, 0, 86400), code_verifier_txt=secrets.token_urlsafe(32))
    return words


@fault(
    "code-delivered-but-not-exchanged",
    source="punkpeye/mcp-remote#256",
    herring="",
    certainty="likely",
    alone=False,
)
def not_exchanged(world: World) -> Words:
    """A login that was begun, with no token: a living process holds it; a log says that the code came."""
    server = world.protected()
    words = entry(world, server.mcp, "cursor")
    bridge(
        world,
        server.mcp,
        ago=600,
        code_verifier_txt=secrets.token_urlsafe(32),
        client_info=client_info(server),
    )
    if world.variant.number == 1:
        log = (
            "[2026-01-01T00:00:00Z][7] Auth code received, resolving promise\n[..] Authentication required\n"
        )
        bridge(world, server.mcp, ago=600, debug_log=log)
    else:
        lock = {"pid": os.getpid(), "port": 3334, "timestamp": int((time.time() - 600) * 1000)}
        bridge(world, server.mcp, ago=600, lock=lock)
    return words


@fault("stale-auth-cache-revoked-tokens", source="punkpeye/mcp-remote#91", herring="")
def ended(world: World) -> Words:
    server = world.protected()
    client = world.pick("cursor", "claude-code", "cursor")
    words = entry(world, server.mcp, client)
    if client == "cursor":
        bridge(
            world,
            server.mcp,
            ago=90000,
            tokens=tokens(left=-86400, refresh=False),
            client_info=client_info(server),
        )
    else:
        kept(world, server.mcp, left=world.pick(0, -_HOUR, -8 * 86400), refresh=False, ago=9 * 86400)
    return words


@fault("cached-expiry-corrupt-or-wrong-unit", source="NousResearch/hermes-agent#118714", herring="")
def no_time(world: World) -> Words:
    server = world.protected()
    client = world.pick("cursor", "claude-code", "cursor")
    words = entry(world, server.mcp, client)
    if client == "cursor":
        wrong = world.pick(int(time.time()) + _HOUR, 0, "soon")
        bridge(world, server.mcp, tokens={**tokens(left=_HOUR), "expires_at": wrong})
    else:
        kept(world, server.mcp, left=_HOUR, expiresAt=int(time.time()) + _HOUR)
    return words


@fault("stale-lock-file", source="vishalsachdev/canvas-mcp#146", herring="")
def dead_holder(world: World) -> Words:
    server = world.protected()
    words = entry(world, server.mcp, "cursor")
    lock = {
        "pid": _LONG_GONE + world.variant.number,
        "port": 3334,
        "timestamp": int((time.time() - 900) * 1000),
    }
    bridge(world, server.mcp, ago=900, client_info=client_info(server))
    bridge(
        world,
        server.mcp,
        ago=900,
        **world.pick({"lock": lock}, {"refresh_in_progress": lock}, {"lock": lock}),
    )
    if world.variant.number == 2:
        bridge(world, server.mcp, ago=2 * _HOUR, tokens=tokens(left=-_HOUR))
    return words


@fault("cache-key-version-or-url-mismatch", source="punkpeye/mcp-remote#74", herring="")
def another_spelling(world: World) -> Words:
    """A login for the same address with a slash, by https, with a parameter less."""
    server = world.protected()
    url = server.mcp
    other = world.pick(f"{url}/", url.replace("http:", "https:"), url)
    configured = world.pick(url, url, f"{url}?profile=dev")
    words = entry(world, configured, "cursor")
    bridge(world, other, tokens=tokens(left=_HOUR), client_info=client_info(server))
    return words
