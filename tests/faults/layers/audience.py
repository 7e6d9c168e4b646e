"""Faults of the layer audience: a token that was made for somebody else."""

from __future__ import annotations

from ..fault import Words, fault
from ..world import World


@fault("audience-not-bound-to-resource", source="sigbit/mcp-auth-proxy#129")
def another_audience(world: World) -> Words:
    server = world.protected()
    token = server.issue(aud=world.pick("https://api.acme.test", "billing", ["a.acme.test", "b.acme.test"]))
    return ("doctor", server.mcp, "--credential", world.readable(token))
