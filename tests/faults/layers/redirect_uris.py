"""Faults of the layer redirect: the redirect URI of a login is not the one that is registered, in one thing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from oddities.odd_server import Asked, Odd, OddServer
from servers.real import free_port
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World

_CLIENT: Final = "6f2d-desk"
_PAGES: Final = (
    (400, "<html><body><h2>Invalid redirect_uri</h2></body></html>"),
    (400, "<h1>Error 400: redirect_uri_mismatch</h1><p>The request does not comply with the policy.</p>"),
    (403, "<p>The redirect_uri is not associated with this application.</p>"),
)


def _comparing(server: OddServer, taken: Callable[[str], bool], page: tuple[int, str]) -> None:
    """Let the authorization endpoint take only redirect URIs of one form, and send others nowhere."""

    def authorize(asked: Asked) -> Reply:
        uri = asked.form.get("redirect_uri", "")
        if not taken(uri):
            return Reply(page[0], page[1], "text/html")
        if asked.form.get("prompt") == "none":
            back = urlencode({"error": "login_required", "state": asked.form.get("state", "")})
            return Reply(302, headers=(("Location", f"{uri}?{back}"),))
        return Reply(
            200, "<form method=post><input name=user><input type=password name=pass></form>", "text/html"
        )

    server._authorize = authorize  # type: ignore[method-assign]  # so does this server


def _login(world: World, server: OddServer, uri: str) -> Words:
    secret = world.readable(secrets.token_urlsafe(24))
    named = (
        "--set",
        f"client_id={_CLIENT}",
        "--secret",
        f"client_secret={secret}",
        "--set",
        f"redirect_uri={uri}",
    )
    return ("doctor", server.mcp, "--login", "--method", "authorization_code", *named, "--timeout", "20")


@fault("redirect-uri-host-localhost-vs-ip", source="cognizant-ai-lab/nsflow#233")
def another_name_of_this_machine(world: World) -> Words:
    server, port = world.protected(Odd()), free_port()
    mine, theirs = world.pick(("127.0.0.1", "localhost"), ("localhost", "127.0.0.1"))
    path = world.pick("/callback", "/oauth/callback", "/auth/callback/done")
    registered = f"http://{theirs}:{port}{path}"
    _comparing(server, lambda uri: uri == registered, world.pick(*_PAGES))
    return _login(world, server, f"http://{mine}:{port}{path}")


@fault("redirect-uri-port-mismatch", source="honojs/middleware#1823")
def another_port(world: World) -> Words:
    server = world.protected(Odd())
    host, path = world.pick("127.0.0.1", "localhost"), world.pick("/callback", "/cb")
    registered = world.pick(f"http://{host}{path}", f"http://{host}:3334{path}", f"http://{host}:8765{path}")
    page = world.pick(
        (400, '{"error":"invalid_request","error_description":"Unregistered redirect_uri"}'),
        (500, "<h1>Internal error</h1><p>Unregistered redirect_uri</p>"),
        (400, f"<p>Invalid redirect URI. It must be one of: {registered}.</p>"),
    )
    _comparing(server, lambda uri: uri == registered, page)
    return _login(world, server, f"http://{host}:{free_port()}{path}")


@fault("redirect-uri-path-or-slash-mismatch", source="PrefectHQ/fastmcp#2139")
def another_path(world: World) -> Words:
    server, port = world.protected(Odd()), free_port()
    sent, registered = world.pick(
        ("/callback", "/callback/"),
        ("/auth/callback", f"{world.variant.path}/auth/callback"),
        ("/cb", "/callback"),
    )
    page = world.pick(
        (400, "<p>An error was encountered with the requested page: redirect_mismatch</p>"),
        (400, "<p>AADSTS50011: The redirect URI specified in the request does not match.</p>"),
        (200, "<h2>Sorry</h2><p>AADSTS50011: The redirect URI specified in the request does not match.</p>"),
    )
    _comparing(server, lambda uri: uri == f"http://127.0.0.1:{port}{registered}", page)
    return _login(world, server, f"http://127.0.0.1:{port}{sent}")
