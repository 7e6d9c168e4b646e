"""What is known already is said, and not put where nobody looks."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from servers.scripted import Asked, Reply, scripted
from support.running import Run

from diagnostics import doctor
from diagnostics.target import Target
from wizard.entries import Stdio
from wizard.transport import Transport


def test_why_an_entry_cannot_be_read_is_said_among_all(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = home / "work"
    project.mkdir()
    monkeypatch.chdir(project)
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": {"notype": {"url": "http://x.test/mcp"}}}))
    alone, among = run("doctor", "claude-code:notype"), run("doctor", "claude-code:")
    for sentence in ("it has a `url` without a `type`", 'Add `"type": "http"` beside its `url`'):
        assert sentence in alone.out + alone.err
        assert sentence in among.out
    assert among.code == 1


async def test_a_command_that_is_not_there_was_not_started() -> None:
    name = f"none-{secrets.token_hex(4)}"
    async with Transport(timeout=5) as transport:
        found = await doctor.diagnose(Target("faos", Stdio((name,))), transport, start=True)
    assert [f.cause for f in found.findings] == ["stdio-command-not-found"]


def _mcp(asked: Asked) -> Reply:
    if asked.method != "POST" or not asked.bearer:
        return Reply(401 if not asked.bearer else 405)
    result = {"protocolVersion": "2025-06-18", "tools": []}
    return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id"), "result": result})


def test_an_opaque_token_is_not_said_to_lack_anything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", secrets.token_urlsafe(24))
    with scripted(_mcp) as site:
        words = ("doctor", site.url("/mcp"), "--credential", "env:T", "--require-scope", "admin:all")
        plain, document = run(*words), run(*words, "--json").json
    scopes = document["permissions"]["scopes"]
    assert scopes["missing"] == []
    assert scopes["known"] is False
    assert "missing admin:all" not in plain.out
    assert "the token has none" not in plain.out
    assert "admin:all" in plain.out
    assert "cannot be read" in plain.out
