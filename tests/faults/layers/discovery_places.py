"""Faults of the layer discovery that need no login to be seen: where metadata lies."""

from __future__ import annotations

from oddities.odd_ones import challenge
from oddities.odd_server import Odd
from servers.scripted import Reply

from ..fault import Words, fault
from ..world import World


@fault("prm-path-based-404", source="akutishevsky/nutrition-mcp#51", herring="")
def only_at_the_root(world: World) -> Words:
    gone = world.pick(
        Reply(404, {"error": "not_found"}),
        Reply(406, {"jsonrpc": "2.0", "error": {"code": -32000, "message": "Not Acceptable"}, "id": None}),
        Reply(200, "<!doctype html><title>Blue</title><div id=root></div>", "text/html"),
    )
    says = world.pick(
        "Bearer", 'Bearer realm="mcp", error="invalid_token"', f"Bearer resource_metadata={_NAMED}"
    )
    root = {
        "resource": world.pick("{base}{path}", "{base}", "{base}{path}"),
        "authorization_servers": ["{issuer}"],
        "bearer_methods_supported": ["header"],
    }
    odd = Odd(
        instead={
            "resource": gone,
            "resource_root": Reply(body=root),
            "refusal": challenge(says),
            "unaccepted": challenge(says),
        }
    )
    server = world.protected(odd)
    return ("doctor", server.mcp, *world.pick((), ("--login",)))


_NAMED = '"{base}/.well-known/oauth-protected-resource{path}"'
