"""Faults of the layer token-time: a token before its time, or after it."""

from __future__ import annotations

import secrets
import time

from ..fault import Words, fault
from ..world import World
from .audience import refusing
from .token_format import answering


@fault("access-token-expired", source="Hmbown/Codewhale#3819")
def expired(world: World) -> Words:
    ended = int(time.time()) - world.pick(252, 90_000, 30)
    if world.variant.number == 1:
        token = f"at_{secrets.token_urlsafe(30)}"
        server = answering(world, lambda sent: "The access token expired" if sent == token else "")
        return ("doctor", server.mcp, "--credential", world.readable(token))
    server = refusing(world, None, None, "jwt expired")
    return ("doctor", server.mcp, "--credential", world.readable(server.issue(exp=ended, iat=ended - 3600)))


@fault("token-not-yet-valid-iat-nbf-future", source="jpadilla/pyjwt#190")
def not_yet_valid(world: World) -> Words:
    server = refusing(world, "The token is not yet valid (iat)", "jwt not active", None)
    starts = int(time.time()) + world.pick(300, 7200, 86_400)
    claim = world.pick("iat", "nbf", "nbf")
    token = server.issue(**{claim: starts, "exp": starts + 3600})
    return ("doctor", server.mcp, "--credential", world.readable(token))


@fault("time-claim-not-in-seconds", source="auth0/angular2-jwt#272, dwyl/learn-json-web-tokens#28")
def no_time(world: World) -> Words:
    server = refusing(world, None, "jwt malformed", "invalid exp")
    claim, value = world.pick(("exp", "soon"), ("exp", "1795000000"), ("nbf", "2026-01-01T00:00:00Z"))
    return ("doctor", server.mcp, "--credential", world.readable(server.issue(**{claim: value})))
