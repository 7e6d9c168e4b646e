"""Saved connections: their names differ between the variants."""

from __future__ import annotations

from wizard import connections
from wizard.connections import Connection

from .world import World


def name(world: World) -> str:
    """The connection's name."""
    return world.pick("work", "billing-prod", "blue_team")


def keep(world: World, service: str, method: str, url: str, **parts: object) -> str:
    """Save a connection, and give its name."""
    given = {"environment": "own", **parts}
    own = str(given.pop("name", name(world)))
    connections.save(Connection(own, service, url=url, method=method, **given))  # type: ignore[arg-type]  # its own parts
    return own
