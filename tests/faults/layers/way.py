"""Faults of the layers dns, tcp and proxy: the server is not reached, or a proxy answers in its place."""

from __future__ import annotations

import errno
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from oddities.odd_server import Odd
from servers.real import free_port
from servers.scripted import Answering, Asked, Reply, scripted

from commands import live

from ..fault import Words, fault
from ..world import World

_HOLE: Final = "127.99.0.1"
"""An address of this machine to which no way leads, for as long as a fault says so."""


def token() -> str:
    return secrets.token_urlsafe(24)


def guarded(value: str) -> Answering:
    """An MCP server that takes one token."""

    def answering(asked: Asked) -> Reply:
        if asked.bearer == value:
            said = {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "serverInfo": {"name": "x", "version": "1"},
            }
            return Reply(body={"jsonrpc": "2.0", "id": asked.message.get("id"), "result": said})
        return Reply(401, {"error": "invalid_token"}, headers=(("WWW-Authenticate", "Bearer"),))

    return answering


@fault("dns-name-unresolvable-or-split-horizon", source="keycloak/keycloak#27660")
def a_name_of_another_network(world: World) -> Words:
    host = world.nameless(world.pick("mcp.corp.internal.test", "tools.svc.cluster.test", "mpc.acme.test"))
    url = f"{world.pick('https', 'http', 'https')}://{host}{world.pick('', ':8080', ':8443')}{world.variant.path}"
    return ("doctor", url, "--credential", world.readable(token()))


@fault("localhost-ipv6-ipv4-mismatch", source="anomalyco/opencode#31824")
def the_other_loopback_address(world: World) -> Words:
    value = token()
    host = world.pick("::1", "127.0.0.1", "::1")
    site = world.enter(scripted(guarded(value), host=host))
    if host == "127.0.0.1":
        # as a hosts file that leads localhost to ::1 alone
        asked = world.name("localhost", "::1") if world.variant.number else "[::1]"
    else:
        asked = "127.0.0.1" if world.variant.number == 0 else world.name("localhost", "127.0.0.1")
    url = f"http://{asked}:{site.port}{world.variant.path}"
    return ("doctor", url, "--credential", world.readable(value))


@fault("connection-refused", source="connect(2)")
def nobody_listens(world: World) -> Words:
    host = world.pick("127.0.0.1", "localhost", "mcp.acme.test")
    if "." in host and host[0] == "m":
        world.name(host)
    return (
        "doctor",
        f"http://{host}:{free_port()}{world.variant.path}",
        "--credential",
        world.readable(token()),
    )


@contextmanager
def _silent() -> Iterator[int]:
    """A port that takes every connection and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    held: list[socket.socket] = []

    def take() -> None:
        with suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for one in held:
            one.close()


@fault("connection-timed-out", source="connect(2)")
def no_answer_ever(world: World) -> Words:
    host = world.pick("127.0.0.1", "localhost", world.name("mcp.acme.test"))
    url = f"http://{host}:{world.enter(_silent())}{world.variant.path}"
    return ("doctor", url, "--credential", world.readable(token()), "--timeout", "6")


def no_way(world: World, failure: int) -> str:
    """A host whose address has no way to it."""
    connect = socket.socket.connect

    def led(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] == _HOLE:
            raise OSError(failure, "no way there")
        connect(self, address)

    world.patch.setattr(socket.socket, "connect", led)
    return world.name(world.pick("mcp.corp.test", "tools.lab.test", "api.acme.test"), _HOLE)


@fault("network-unreachable", source="connect(2)")
def no_route(world: World) -> Words:
    host = no_way(world, world.pick(errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETUNREACH))
    url = f"{world.pick('http', 'https', 'http')}://{host}:8443{world.variant.path}"
    return ("doctor", url, "--credential", world.readable(token()))


def _proxy(world: World, answering: Callable[[Asked], Reply]) -> str:
    """A proxy that forwards nothing."""
    return world.url(world.serve(answering), "").replace("//localhost", "//127.0.0.1")


@fault("proxy-407-or-proxy-ignored", source="openai/codex#22667")
def a_proxy_that_wants_a_user(world: World) -> Words:
    asks = world.pick('Basic realm="proxy"', "Negotiate", 'Basic realm="Squid proxy-caching web server"')
    page = world.pick("", "<h1>Proxy Authentication Required</h1>", "ERR_CACHE_ACCESS_DENIED")
    proxy = _proxy(world, lambda _: Reply(407, page, "text/html", headers=(("Proxy-Authenticate", asks),)))
    scheme = world.pick("http", "https", "http")
    world.env(world.pick("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), proxy)
    host = world.name(world.pick("mcp.acme.test", "tools.acme.test", "127.0.0.1"))
    site = world.serve(guarded(token()))
    return (
        "doctor",
        f"{scheme}://{host}:{site.port}{world.variant.path}",
        "--credential",
        world.readable(token()),
    )


@fault("proxy-captures-loopback", source="fosdickio/binary_ninja_mcp#41")
def a_proxy_before_this_machine(world: World) -> Words:
    value = token()
    refusal = world.pick(
        Reply(502, "<h1>502 Bad Gateway</h1>", "text/html"),
        Reply(503, "502 Connection refused: the proxy failed to complete the request.", "text/plain"),
        None,
    )
    proxy = _proxy(world, lambda _: refusal) if refusal else f"http://127.0.0.1:{free_port()}"
    world.env(world.pick("HTTP_PROXY", "ALL_PROXY", "http_proxy"), proxy)
    world.env("NO_PROXY", world.pick(".corp.test", "", "169.254.169.254"))
    url = world.url(world.serve(guarded(value)))
    return ("doctor", url, "--credential", world.readable(value))


@fault("callback-port-in-use-or-reserved", source="taylorwilsdon/google_workspace_mcp#359", herring="")
def a_port_that_is_taken(world: World) -> Words:
    port = world.enter(_silent())
    return ("test", world.protected(Odd()).mcp, "--port", str(port))


@fault("callback-unreachable-from-browser", source="anthropics/claude-code#44330", herring="")
def a_browser_on_another_machine(world: World) -> Words:
    """Over SSH the browser is where the person sits, and what it is sent back to is not there."""
    world.env("SSH_TTY", "/dev/pts/0")
    world.env("SSH_CONNECTION", world.pick("10.0.0.5 50022 10.0.0.9 22", "fd00::5 50022 fd00::9 22"))
    world.env("BROWSER", f"{sys.executable} -c pass %s")
    world.patch.setattr(live, "for_a_person", lambda seconds: seconds * 0.1)
    return ("test", world.protected(Odd()).mcp, "--port", str(free_port()), "--timeout", "6")
