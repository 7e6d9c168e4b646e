"""The practice gateway as a fault arranges it: a connection to it, and its own access rules at hand."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox import practice
from sandbox.gateway import GatewaySite
from sandbox.practice import Practice
from wizard import connections
from wizard.connections import Connection
from wizard.secret import Secret

from .fault import Words
from .world import World


def gateway(world: World, fault: str = "") -> Practice:
    """The practice services, the gateway showing one of its faults."""
    return world.enter(practice.start(faults={"gateway": fault} if fault else {}))


def site(running: Practice) -> GatewaySite:
    """The gateway itself, for what has no fault of its own."""
    found = running._sites["gateway"]
    assert isinstance(found, GatewaySite)
    return found


def connected(
    world: World,
    running: Practice,
    server: str = "mcpgw",
    token: Secret | None = None,
    more: Mapping[str, str] | None = None,
    closed: bool = False,
) -> Words:
    """The doctor at a connection to one of its servers, by a token in a file that everybody may read unless it is
    ``closed``."""
    held = running.services["gateway"]
    name = world.pick("gateway", "tools", "registry-prod")
    given = (token or held.credentials["token"]).reveal()
    settings = {
        "server": server,
        "client_id": held.credentials["client_id"].reveal(),
        "keycloak_url": held.url,
        "keycloak_realm": "mcp-gateway",
        **(more or {}),
    }
    secrets = {"token": world.secret(given) if closed else world.readable(given)}
    connections.save(Connection(name, "gateway", "practice", held.url, "keycloak_token", settings, secrets))
    return ("doctor", name)
