"""Several servers of one gateway are reached by one client: that is no credential which is shared."""

from __future__ import annotations

import pytest
from practice_gateway import secrets_of, settings_of
from support.running import Put, Run

from sandbox.practice import Practice
from wizard import connections
from wizard.connections import Connection


def keep(running: Practice, put: Put, server: str, **more: str) -> None:
    gateway = running.services["gateway"]
    held = secrets_of(gateway, "keycloak_token", server)
    connections.save(
        Connection(
            f"gw-{server}{''.join(more)}".replace("_", "-"),
            "gateway",
            "practice",
            gateway.url,
            "keycloak_token",
            {**settings_of(gateway, "keycloak_token", server), **more},
            {name: put(secret) for name, secret in held.items()},
        )
    )


@pytest.mark.row("G4")
def test_two_servers_of_one_gateway_share_nothing(run: Run, running: Practice, put: Put) -> None:
    keep(running, put, "currenttime")
    keep(running, put, "fininfo")
    done = run("doctor", "gw-currenttime", "--json", "--timeout", "120")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert "credential-shared" not in done.warnings
    keep(running, put, "fininfo", keycloak_realm="elsewhere")
    assert "credential-shared" in run("doctor", "gw-currenttime", "--json", "--timeout", "120").warnings
