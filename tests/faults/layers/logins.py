"""Faults that a login meets on its way: what the authorization server answers before, at and after the browser."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from oddities.odd_ones import BY_CODE, back, challenge, token
from oddities.odd_server import Odd
from servers.real import free_port
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World

_SOON: Final = "8"
"""Seconds of a login that is waited for in vain."""


def login(world: World, odd: Odd, *more: str, seconds: str = "30") -> Words:
    """The diagnosis that begins with a login, at a server that is odd in one thing."""
    server = world.protected(odd)
    named = server.options()
    return ("doctor", server.mcp, "--login", *named, *more, "--timeout", seconds)


def known(world: World, *more: str, client: str = "") -> tuple[str, ...]:
    """The words for a client that somebody registered, its secret in a file that everybody may read."""
    secret = world.readable(secrets.token_urlsafe(24))
    path = world.pick("/callback", "/callback", "/callback")
    uri = f"http://127.0.0.1:{free_port()}{path}"
    id = client or world.pick("known-client", "known-client")
    named = (
        "--set",
        f"client_id={id}",
        "--set",
        f"redirect_uri={uri}",
        "--secret",
        f"client_secret={secret}",
    )
    return ("--method", "authorization_code", *named, *more)


def _refused(error: str, words: str = "") -> Mapping[str, Mapping[str, object]]:
    return back(code=None, error=error, error_description=words or None)


@fault("dcr-client-without-login-connection", source="modelcontextprotocol/inspector#556", herring="")
def auth0_without_a_connection(world: World) -> Words:
    says = "no connections enabled for the client"
    page = Reply(400, f"<h1>Oops!, something went wrong</h1><p>invalid_request: {says}</p>", "text/html")
    odd = world.pick(
        Odd(change=_refused("invalid_request", says)),
        Odd(change=_refused("access_denied", says.capitalize())),
        Odd(instead={"authorize": page}),
    )
    return login(world, odd, *world.pick((), (), known(world)))


_ = (challenge, token, BY_CODE)
