"""Where there is nothing to judge, it is said what was looked at and what to do; and several targets are told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from servers.scripted import Reply, scripted
from support.running import Run


def test_a_recording_without_a_request_says_how_to_record(run: Run, home: Path) -> None:
    Path("e.har").write_text(json.dumps({"log": {"version": "1.2", "entries": []}}))
    found = run("doctor", "--har", "e.har")
    assert found.code == 1
    for words in ("holds no requests", "Network", "Preserve log", "reload"):
        assert words in found.out, found.out
    assert run("doctor", "--har", "e.har", "--json").json["verdict"] == "undetermined"
    assert "a recording was given, and no target" not in found.out


@pytest.mark.parametrize("form", [(), ("--markdown",)])
def test_where_no_connection_is_saved_the_next_step_is_named(
    run: Run, home: Path, form: tuple[str, ...]
) -> None:
    found = run("doctor", "--all", *form)
    assert found.code == 0
    for words in ("No connection is saved here", "authwizard setup", "authwizard doctor https://"):
        assert words in found.out
    assert run("doctor", "--all", "--json").json == {"schema": 1, "targets": []}


def test_where_a_client_has_no_entry_its_places_are_named(run: Run, home: Path) -> None:
    found = run("doctor", "claude-desktop:")
    assert found.code == 0
    assert "Claude Desktop" in found.out
    assert "claude_desktop_config.json (not there)" in found.out
    assert "authwizard setup" in found.out
    place = home / ".config" / "Claude" / "claude_desktop_config.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"mcpServers": {}}')
    assert "claude_desktop_config.json (no server in it)" in run("doctor", "claude-desktop:").out


def test_the_help_shows_a_client_as_a_word_to_replace(run: Run) -> None:
    said = " ".join(run("doctor", "--help").out.split())
    assert "CLIENT:SERVER" in said
    assert "cursor:" in said


def test_several_targets_are_apart_and_summed_up(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = home / "work"
    project.mkdir()
    monkeypatch.chdir(project)
    with scripted(lambda _: Reply(500, {"error": "down"})) as bad:
        servers = {n: {"type": "http", "url": bad.url(f"/{n}")} for n in ("one", "two")}
        (project / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
        found = run("doctor", "claude-code:")
        marked = run("doctor", "claude-code:", "--markdown")
    assert found.code == 1
    assert "\n\nclaude-code:two: broken" in found.out
    assert found.out.rstrip().endswith("2 targets: none healthy, 2 broken.")
    assert "\n\n# claude-code:two: broken" in marked.out
    assert "2 targets: none healthy, 2 broken." in marked.out
    with scripted(lambda _: Reply(500, {"error": "down"})) as bad:
        assert "1 target" not in run("doctor", bad.url("/x")).out
