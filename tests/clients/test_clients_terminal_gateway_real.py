"""The gateway's two tokens by keys alone: a real Keycloak typed in, its servers listed, Cognito beside it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from servers.keycloak import Keycloak
from servers.terminal import Terminal, activate

from sandbox.practice import start
from wizard.secret import Secret

pytestmark = pytest.mark.real("tmux", "claude", "java")


def choose_gateway(terminal: Terminal) -> None:
    terminal.press("s")
    terminal.until("What do you want to sign in to?")
    terminal.press("Down", "Down", "Enter", "Enter")
    terminal.until("How do you sign in?")


def refill(terminal: Terminal, text: str) -> None:
    """Replace what stands in the field that has the focus."""
    terminal.press("End", "C-u")
    terminal.type(text)


def choose_atlassian(terminal: Terminal, held: Mapping[str, Secret]) -> None:
    """The server from the gateway's list; the cursor is then where the token of what is behind it is wanted."""
    terminal.press("C-l")
    terminal.until("Public notices")
    terminal.press("Home", "Enter")
    terminal.until("Enter next: permissions")
    time.sleep(1)
    refill(terminal, held["egress_token"].reveal())
    terminal.press("Tab")
    refill(terminal, held["cloud_id"].reveal())
    assert held["egress_token"].reveal() not in terminal.screen()


def finish(terminal: Terminal, name: str = "") -> None:
    terminal.press("Enter")
    terminal.until("0 of 6 scopes")
    terminal.press("Enter")
    activate(terminal, name)


@pytest.mark.row("G1", "G4", "G11")
def test_keycloak_and_cognito_with_atlassian_behind(
    terminal: Terminal,
    keycloak: Keycloak,
    claude: Any,
    home: Path,
) -> None:
    (home / ".claude.json").write_text("{}", encoding="utf-8")
    client, secret = keycloak.client("mcp-gateway-m2m")
    with start(trusted=keycloak.realm_url) as practice:
        terminal.start(sys.executable, "-m", "wizard")
        terminal.until("q Quit")
        held = practice.services["gateway"].credentials
        choose_gateway(terminal)
        terminal.press("Enter")
        terminal.until("Enter next: permissions")
        time.sleep(1)
        terminal.press("BTab", "BTab")
        refill(terminal, keycloak.url)
        terminal.press("Tab", "Tab")
        refill(terminal, client)
        terminal.press("Tab")
        refill(terminal, secret.reveal())
        assert secret.reveal() not in terminal.screen()
        choose_atlassian(terminal, held)
        finish(terminal)

        choose_gateway(terminal)
        terminal.press("Down", "Down", "Enter")
        terminal.until("Enter next: permissions")
        time.sleep(1)
        for field, steps in (("user_pool_id", 2), ("cognito_client_id", 1), ("cognito_client_secret", 1)):
            refill(terminal, held[field].reveal())
            terminal.press(*["Tab"] * steps)
        choose_atlassian(terminal, held)
        finish(terminal, "gateway-cognito")

        written = Path(".mcp.json").read_text(encoding="utf-8")
        names = list(json.loads(written)["mcpServers"])
        assert len(names) == 2
        assert secret.reveal() not in written
        before = len(practice.seen)
        listed = claude()
        assert all(listed.connected(name) for name in names), listed.text
        seen = practice.seen[before:]
    behind = [dict(s.headers) for s in seen if s.service == "gateway/atlassian"]
    assert behind
    assert {(h["authorization"], h["x-atlassian-cloud-id"]) for h in behind} == {
        ("Bearer egress_token", "cloud_id")
    }
    fronts = [dict(s.headers) for s in seen if s.service == "gateway" and "/atlassian/" in s.path]
    assert any(h.get("x-keycloak-url") == keycloak.url and h["x-client-id"] == client for h in fronts)
    assert any("x-user-pool-id" in h and "x-region" in h for h in fronts)
