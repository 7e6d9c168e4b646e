"""Faults of the layer clock: this machine's time is not that of the others. The others are what is moved."""

from __future__ import annotations

import datetime
import time
from typing import Final

from oddities.odd_server import Asked, Odd, OddServer
from servers.scripted import Asked as Request
from servers.scripted import Reply, scripted

from ..fault import Words, fault
from ..world import World
from .tls import at_time


def clocked(world: World, ahead: datetime.timedelta, *, issuer_too: bool = True) -> OddServer:
    """A protected server, and its authorization server, whose clocks are ahead of this machine's."""
    v = world.variant
    both: list[OddServer] = []

    def plain(request: Request) -> Reply:
        place = both[0].places.get((request.host, request.path), f"{request.host}{request.path}")
        return both[0].answer(Asked(request.method, place, request.headers, request.form, request.message))

    later = at_time(plain, ahead)

    def answering(request: Request) -> Reply:
        return later(request) if issuer_too or request.host == v.host else plain(request)

    site = world.enter(scripted(answering))
    refusal = Reply(
        401,
        {"error": "invalid_token", "error_description": world.pick(*_SAID)},
        headers=(("WWW-Authenticate", 'Bearer error="invalid_token", resource_metadata="{base}' + _META),),
    )
    odd = Odd(instead={"accepted": refusal, "unaccepted": Reply(401, {"error": "invalid_token"})})
    both.append(OddServer(odd, site.port, host=v.host, issuer_host=v.issuer_host, path=v.path))
    return both[0]


_META: Final = '/.well-known/oauth-protected-resource{path}"'
_SAID: Final = (
    "Token is expired",
    "The token is not yet valid (nbf)",
    "Signature verification failed: token used too late",
)


@fault("local-clock-skew", source="microsoft/WSL#10006")
def behind_after_sleep(world: World) -> Words:
    """A token that is good by this machine's time, and by everybody else's is over, or has not begun."""
    ahead = world.pick(
        datetime.timedelta(hours=2), -datetime.timedelta(minutes=40), datetime.timedelta(days=1)
    )
    server = clocked(world, ahead)
    at = int(time.time())
    claims = world.pick(
        {"iat": at - 60, "exp": at + 3600},
        {"iat": at, "nbf": at, "exp": at + 3600},
        {"iat": at, "exp": at + 600},
    )
    return ("doctor", server.mcp, "--credential", world.readable(server.issue(**claims)))
