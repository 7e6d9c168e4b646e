"""Both tokens in one config, as the gateway's document has it: what Claude Code sends to the gateway, and what the
gateway passes on to the servers behind it. Keycloak is the real one; Cognito and Atlassian are practice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from servers.keycloak import Keycloak

from sandbox.practice import Practice, start

pytestmark = pytest.mark.real("claude", "java")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def gateway(keycloak: Keycloak) -> Iterator[Practice]:
    with start(trusted=keycloak.realm_url) as running:
        yield running


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def authwizard(*words: str, more: Mapping[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "wizard", *words, "--json"],
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=90,
        check=False,
    )
    for value in more.values():
        assert value not in done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def _setup(name: str, server: str, *words: str, more: Mapping[str, str]) -> dict[str, Any]:
    return authwizard(
        *("setup", "gateway", "--name", name, "--environment", "practice", "--set", f"server={server}"),
        *words,
        # Claude Code 2.1.330 starts a helper without every variable of its own: a reference to one is not enough there
        *("--store", "file", "--client", "claude-code", "--project", "--yes"),
        more=more,
    )


@pytest.mark.row("G1", "G4", "G5", "G11")
def test_dual_tokens_reach_the_gateway_and_the_servers_behind(
    gateway: Practice,
    keycloak: Keycloak,
    home: Path,
    claude: Any,
) -> None:
    held = gateway.services["gateway"].credentials
    client, secret = keycloak.client("mcp-gateway-m2m")
    variables = {
        "M2M_SECRET": secret.reveal(),
        "COGNITO_SECRET": held["cognito_client_secret"].reveal(),
        "ATLASSIAN": held["egress_token"].reveal(),
    }
    cloud = held["cloud_id"].reveal()
    ingress = (
        *("--method", "keycloak", "--set", f"keycloak_url={keycloak.url}", "--set", f"client_id={client}"),
        *("--secret", "client_secret=env:M2M_SECRET"),
    )
    egress = (
        "--set",
        "egress_provider=atlassian",
        "--set",
        f"cloud_id={cloud}",
        "--secret",
        "egress_token=env:ATLASSIAN",
    )
    cognito = (
        *(
            "--method",
            "cognito",
            "--set",
            f"user_pool_id={held['user_pool_id'].reveal()}",
            "--set",
            "region=us-east-1",
        ),
        *(
            "--set",
            f"client_id={held['cognito_client_id'].reveal()}",
            "--secret",
            "client_secret=env:COGNITO_SECRET",
        ),
    )
    _setup("mcpgw", "mcpgw", *ingress, more=variables)
    answer = _setup("atlassian", "atlassian", *ingress, *egress, more=variables)
    _setup("atlassian-cognito", "atlassian", *cognito, *egress, more=variables)
    _setup("public", "public", "--method", "none", more={})
    proof = answer["exports"][0]["proof"]
    assert (proof["read_back"], proof["answered"]) == (True, True)

    text = Path(".mcp.json").read_text(encoding="utf-8")
    assert not any(value in text for value in variables.values())
    before = len(gateway.seen)
    listed = claude(variables)
    for name in ("mcpgw", "atlassian", "atlassian-cognito", "public"):
        assert listed.connected(name), listed.text

    seen = gateway.seen[before:]
    behind = [dict(s.headers) for s in seen if s.service == "gateway/atlassian"]
    assert behind
    for headers in behind:
        assert headers["authorization"] == "Bearer egress_token"
        assert headers["x-atlassian-cloud-id"] == "cloud_id"
        assert not [name for name in headers if name.startswith("x-") and name != "x-atlassian-cloud-id"]
    ways = {
        tuple(sorted(name for name, _ in s.headers if name.startswith("x-"))): dict(s.headers)
        for s in seen
        if s.service == "gateway" and "/atlassian/" in s.path
    }
    common = ("x-authorization", "x-client-id")
    by_keycloak = ways[tuple(sorted(("x-atlassian-cloud-id", *common, "x-keycloak-realm", "x-keycloak-url")))]
    by_cognito = ways[tuple(sorted(("x-atlassian-cloud-id", *common, "x-region", "x-user-pool-id")))]
    assert by_keycloak["x-keycloak-realm"] == "mcp-gateway"
    assert by_keycloak["x-keycloak-url"] == keycloak.url
    assert by_keycloak["x-client-id"] == client
    assert by_cognito["x-user-pool-id"] == held["user_pool_id"].reveal()
    assert {s.kind for s in seen if s.service == "gateway/atlassian"} == {"real"}
