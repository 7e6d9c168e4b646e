"""Entries of one name: what to remove is all that stands before the one that works, in the client's own order."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from servers.real import free_port
from servers.scripted import Asked, Reply, scripted
from support.running import Run


@pytest.mark.parametrize("dead", [True, False])
def test_every_entry_before_the_good_one_is_named(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, dead: bool
) -> None:
    project = home / "work"
    project.mkdir()
    monkeypatch.chdir(project)
    good, bad = secrets.token_urlsafe(24), secrets.token_urlsafe(24)

    def answering(asked: Asked) -> Reply:
        if asked.bearer != good:
            return Reply(401, {"error": "invalid_token"})
        return Reply(200, {"jsonrpc": "2.0", "id": 1, "result": {"protocolVersion": "2025-06-18"}})

    with scripted(answering) as site:

        def entry(url: str, token: str) -> dict[str, object]:
            headers = {"Authorization": f"Bearer {token}"}
            return {"mcpServers": {"dup": {"type": "http", "url": url, "headers": headers}}}

        local = {"projects": {str(project): entry(site.url("/mcp"), bad)}}
        (home / ".claude.json").write_text(json.dumps({**local, **entry(site.url("/mcp"), good)}))
        if dead:
            between = entry(f"http://127.0.0.1:{free_port()}/mcp", bad)
            (project / ".mcp.json").write_text(json.dumps(between))
        found = run("doctor", "claude-code:dup", "--json").json["findings"][0]
    assert found["cause"] == "entry-hidden-by-another-scope", found
    removed = [step for step in found["fix"] if "claude mcp remove" in step]
    scopes = ["local", "project"] if dead else ["local"]
    assert [s in r for s, r in zip(scopes, removed, strict=True)] == [True] * len(scopes)
    assert "hides that of the user scope" in found["title"]
