"""A plain HTTP API is written into no MCP client's config: it would be an entry that can never work."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from servers.recorder import recording
from support.running import Put, Run

from wizard import connections

_FILES = {"cursor": ".cursor/mcp.json", "vscode": ".vscode/mcp.json", "claude-code": ".mcp.json"}


@pytest.mark.row("A2")
@pytest.mark.parametrize("client", _FILES)
def test_setup_refuses_before_anything_is_written(client: str, run: Run, put: Put) -> None:
    token = secrets.token_urlsafe(20)
    with recording(lambda a: a.headers.get("authorization") == f"Bearer {token}") as api:
        words = ["--url", api.url, "--secret", f"token={put(token)}", "--name", "mine", "--yes", "--json"]
        done = run("setup", "http", *words, "--client", client, "--project")
    assert (done.code, done.json["error"]["id"]) == (2, "client-cannot"), done.out
    assert "is for MCP servers" in done.json["error"]["title"]
    assert not Path(_FILES[client]).exists()
    assert not connections.load_all()
    assert api.arrived == []


@pytest.mark.row("A2")
@pytest.mark.parametrize("client", _FILES)
def test_export_refuses_and_a_script_is_made(client: str, run: Run, put: Put) -> None:
    token = secrets.token_urlsafe(20)
    with recording(lambda a: a.headers.get("authorization") == f"Bearer {token}") as api:
        words = ["--url", api.url, "--secret", f"token={put(token)}", "--name", "mine", "--yes", "--json"]
        assert run("setup", "http", *words).code == 0
        done = run("export", "mine", "--client", client, "--project", "--yes", "--json")
        script = run("export", "mine", "--client", "curl", "--yes", "--json")
    assert (done.code, done.json["error"]["id"]) == (2, "client-cannot"), done.out
    assert "is for MCP servers" in done.json["error"]["title"]
    assert not Path(_FILES[client]).exists()
    assert script.code == 0, script.out
