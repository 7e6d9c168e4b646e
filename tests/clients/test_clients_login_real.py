"""A login in a real browser, and then the client: Chromium logs in at a real identity provider, the config that is
written makes Claude Code and mcp-remote reach the protected server with a token that it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.chromium import Person
from servers.keycloak_people import People
from servers.protected import Protected

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def authwizard(*words: str, browser: str = "false") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "wizard", *words, "--json"],
        env={**os.environ, "BROWSER": browser},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def _set_up(url: str, person: Person, client: str, *words: str) -> dict[str, Any]:
    return authwizard(
        *("setup", "mcp", "--name", "guarded", "--url", url, "--method", "authorization_code"),
        *("--client", client, "--secrets", "helper", "--store", "file", "--yes", "--timeout", "120", *words),
        browser=person.command,
    )


def _accepted(server: Protected, subject: str = "") -> None:
    """The server heard a token that names it, and answered what only who has one is answered."""
    heard = [h for h in server.heard() if h.get("method") == "tools/list" and h["http"] == "POST"]
    assert heard, server.heard()
    claims = heard[-1]["claims"]
    audience = claims["aud"]
    assert server.url in (audience if isinstance(audience, list) else [audience])
    assert claims["iss"] == server.issuer
    assert not subject or claims["sub"] == subject


@pytest.mark.row("A1", "A5")
@pytest.mark.real("claude", "chromedriver")
def test_chromium_at_oidc_provider_then_claude_code(
    chromium_browser: Callable[..., Person], oidc_protected: Protected, claude: Callable[..., Any]
) -> None:
    person = chromium_browser("alice")
    report = _set_up(oidc_protected.url, person, "claude-code", "--project")
    assert report["test"]["ok"] and report["exports"][0]["proof"]["answered"]
    assert person.page()["path"] == "/callback"
    oidc_protected.forget()
    assert claude().connected("guarded")
    _accepted(oidc_protected, "alice")


@pytest.mark.row("A1", "G1")
@pytest.mark.real("claude", "chromedriver", "java")
def test_chromium_at_keycloak_then_claude_code(
    chromium_browser: Callable[..., Person],
    people: People,
    keycloak_protected: Protected,
    claude: Callable[..., Any],
) -> None:
    person = chromium_browser("alice", people.password("alice").reveal())
    report = _set_up(
        *(keycloak_protected.url, person, "claude-code", "--project"),
        *("--set", "client_id=cli", "--set", "scope=openid read"),
    )
    assert report["test"]["ok"] and report["exports"][0]["proof"]["answered"]
    keycloak_protected.forget()
    assert claude().connected("guarded")
    _accepted(keycloak_protected)
    # what is saved does what all of it was for
    keycloak_protected.forget()
    called = authwizard("test", "guarded", "--call", "add", "--args", '{"a": 2, "b": 3}')
    steps = {step["id"]: step["seen"] for step in called["steps"]}
    assert (called["ok"], steps["call"]) == (True, "answered: 5"), called
    asked = {h["method"]: h for h in keycloak_protected.heard() if h.get("method")}
    assert asked["tools/call"]["claims"]["preferred_username"] == "alice"


@pytest.mark.row("A1", "U5")
@pytest.mark.real("mcp-remote", "chromedriver")
def test_mcp_remote_from_its_entry(
    chromium_browser: Callable[..., Person],
    oidc_protected: Protected,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # npx takes the package from the working folder: no registry is asked
    Path("node_modules").symlink_to(Path(os.environ["AUTHWIZARD_CI_MCP_REMOTE"]) / "node_modules")
    monkeypatch.setenv("npm_config_offline", "true")
    person = chromium_browser("bob")
    path = tmp_path / "claude_desktop_config.json"
    report = _set_up(oidc_protected.url, person, "claude-desktop", "--path", str(path))
    proof = report["exports"][0]["proof"]
    assert proof["answered"], proof
    # the proof starts the very command of the entry, and that is mcp-remote
    assert any(
        "mcp-remote@" in word for word in json.loads(path.read_text())["mcpServers"]["guarded"]["args"]
    )
    _accepted(oidc_protected, "bob")
