"""Faults of what stands before a login: a firewall, a limit, and a refusal that does not lead there."""

from __future__ import annotations

from collections.abc import Callable

from oddities.odd_server import Answer, Asked, Odd, OddServer
from servers.scripted import Asked as Request
from servers.scripted import Reply

from ..fault import Words, fault
from ..mcp_site import McpSite, behind, doctor
from ..world import World


def _registering(server: OddServer, refuses: Callable[[Asked], Answer | None]) -> None:
    """What stands before the endpoint at which clients register."""
    healthy: Callable[[Asked], Answer] = server._register  # the test's own server
    server._register = lambda asked: refuses(asked) or healthy(asked)  # type: ignore[method-assign]


@fault("waf-loopback-redirect-uri-rfi", source="anomalyco/opencode#31033", herring="")
def takes_loopback_for_an_attack(world: World) -> Words:
    refusal = world.pick(
        Answer(403, {"message": "Forbidden"}),
        Answer(403, "<html><head><title>403 Forbidden</title></head></html>", "text/html"),
        Answer(403, {"message": None}),
    )
    server = world.protected()
    word = world.pick("http://127.0.0.1", "://127.0.0.1:", "//127.")
    _registering(server, lambda asked: refusal if word in str(dict(asked.message)) else None)
    return ("test", server.mcp)


@fault("auth-loop-causes-429", source="punkpeye/mcp-remote#91", alone=False, certainty="likely", herring="")
def asked_too_often(world: World) -> Words:
    refusal = world.pick(
        Answer(429, {"error": "too_many_requests"}, headers=(("Retry-After", "60"),)),
        Answer(429, "Too Many Requests", "text/plain", (("Retry-After", "900"),)),
        Answer(429, {"message": "Rate limit exceeded, retry in 15 minutes"}),
    )
    return ("test", world.protected(Odd(instead={"register": refusal})).mcp)


@fault("challenge-missing-resource-metadata", source="maxkuminov/obsidian-mcp#30")
def leads_nowhere(world: World) -> Words:
    held = McpSite(world.variant.path)

    def bare(asked: Request) -> Reply | None:
        if asked.path != held.path or asked.bearer == held.token:
            return None
        refused = held.refused(asked)
        challenge = world.pick((), (("WWW-Authenticate", 'Bearer error="invalid_token"'),), ())
        everybody = world.pick(False, False, True)
        return Reply(401, refused.body, headers=challenge) if asked.bearer or everybody else None

    site, _ = behind(world, bare, held)
    return doctor(world, site, held)
