"""Faults of the layers cache and session-cookie: a login of ours that was kept, and that its issuer does not renew."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import replace

from oddities.odd_server import Odd
from servers.real import free_port
from servers.scripted import Reply

from commands.main import main
from wizard import connections
from wizard.connections import Connection
from wizard.oauth import kept, sessions

from ..fault import Words, fault
from ..world import World


def refused(world: World, error: str, *says: str, status: int = 400) -> Words:
    """Log in, let the access token end, and have the refresh refused in these words."""
    body: dict[str, object] = {"error": error}
    if words := world.pick(*says, *([""] if not says else [])):
        body["error_description"] = words
    server = world.protected(Odd(instead={"refresh": Reply(status, body)}))
    name = world.pick("notes", "team-wiki", "tickets-eu")
    connections.save(Connection(name, "mcp", "own", server.mcp, "authorization_code"))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        done = main(["login", name, "--json", "--timeout", "60", "--port", str(free_port())])
    assert done == 0, "the login itself is good"
    held = sessions.read(name)
    kept.put(
        name, replace(held, login=replace(held.login, expires_at=time.time() - world.pick(1, 600, 90000)))
    )
    # a copy that everybody may read lies about, and explains nothing
    world.file("notes/old-token.txt", held.login.access_token.reveal(), 0o644)
    return ("doctor", name)


@fault("refresh-token-reused-by-concurrent-processes", source="anomalyco/opencode#49439", herring="")
def used_twice(world: World) -> Words:
    return refused(
        world,
        "invalid_grant",
        "Maximum allowed refresh token reuse exceeded",
        "Token reuse detected: the refresh token has already been used",
        "Refresh token was already rotated.",
    )


@fault("refresh-token-of-another-client", source="RFC 6749 section 10.4", herring="")
def of_another(world: World) -> Words:
    return refused(
        world,
        "invalid_grant",
        "Invalid refresh token. Token client and authorized client don't match",
        "The refresh token was issued to another client",
        "client_id mismatch",
    )


@fault("stale-dynamic-client", source="anthropics/claude-code#84614", herring="")
def forgotten(world: World) -> Words:
    return refused(
        world, "invalid_client", "Unrecognized client_id", "Unknown client", "Client not found", status=401
    )


@fault("idp-sso-session-idle-or-ended", source="keycloak/keycloak#30452", herring="")
def session_over(world: World) -> Words:
    return refused(
        world, "invalid_grant", "Token is not active", "Session not active", "User session not found"
    )
