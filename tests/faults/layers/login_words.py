"""How a fault is met that a login finds: the diagnosis that begins with one."""

from __future__ import annotations

import secrets
from typing import Final

from oddities.odd_server import KNOWN, Odd
from servers.real import free_port
from servers.scripted import Reply

from ..fault import Words
from ..world import World

GONE: Final = Reply(404, {"error": "not_found"})


def login(world: World, odd: Odd, *more: str, seconds: str = "30") -> Words:
    """At a server that is odd in one thing."""
    server = world.protected(odd)
    named = tuple(server.filled(word) for word in (*odd.options, *more))
    return ("doctor", server.mcp, "--login", *named, "--timeout", seconds)


def known(world: World, *more: str, client: str = KNOWN, way: str = "authorization_code") -> tuple[str, ...]:
    """The words for a client that somebody registered, its secret in a file that everybody may read."""
    secret = world.readable(secrets.token_urlsafe(24))
    back = (
        ("--set", f"redirect_uri=http://127.0.0.1:{free_port()}/callback")
        if way == "authorization_code"
        else ()
    )
    return (
        "--method",
        way,
        "--set",
        f"client_id={client}",
        "--secret",
        f"client_secret={secret}",
        *back,
        *more,
    )
