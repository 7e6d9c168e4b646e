"""``doctor client:`` goes on where one entry, or one of the client's files, cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.running import Run

from sandbox.practice import Practice


def test_one_unreadable_entry_does_not_hide_the_others(
    run: Run, services: Practice, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = services.services["fleet"]
    monkeypatch.setenv("A_TOKEN", fleet.credentials["token"].reveal())
    good = {"type": "http", "url": fleet.url, "headers": {"Authorization": "Bearer ${A_TOKEN}"}}
    lost = {"type": "http", "url": fleet.url, "headersHelper": "authwizard headers gone"}
    broken = {"type": "http", "url": 5}
    entries = {"a-lost": lost, "b-good": good, "c-broken": broken}
    (home / "project" / ".mcp.json").write_text(json.dumps({"mcpServers": entries}))
    (home / ".claude.json").write_text('{"mcpServers": {')
    done = run("doctor", "claude-code:", "--json")
    assert done.code == 1, done.out + done.err
    found = {t["target"]: t for t in done.json["targets"]}
    assert found["claude-code:b-good"]["verdict"] == "healthy"
    assert found["claude-code:a-lost"]["findings"][0]["cause"] == "connection-of-entry-gone"
    for name, says in (
        ("claude-code:c-broken", ""),
        (f"claude-code: {home / '.claude.json'}", ""),
    ):
        assert found[name]["verdict"] == "undetermined", name
        assert says in found[name]["not_examined"][0]["needs"]
    plain = run("doctor", "claude-code:")
    assert "claude-code:b-good: healthy" in plain.out
    assert "claude-code:a-lost: broken" in plain.out
