"""What Claude Code has of a login of its own is read whatever stands in its files, and only the last session counts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from diagnostics.client_logins import of_entry
from diagnostics.facts.client_login import ClientLogin

URL = "https://mcp.example.com/mcp"
DCR = "Incompatible auth server: does not support dynamic client registration"
LOG = ".cache/claude-cli-nodejs/-work/mcp-logs-blue/one.jsonl"


def told(home: Path) -> ClientLogin:
    found = of_entry("claude-code", "blue", URL, home / ".claude.json", str)
    assert found is not None
    return found


def written(home: Path, place: str, content: str | bytes) -> Path:
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(*records: dict[str, str]) -> str:
    return "".join(f"{json.dumps(r)}\n" for r in records)


def test_nothing_is_known_where_nothing_is_kept(home: Path) -> None:
    assert told(home) == ClientLogin("Claude Code", "blue")
    assert of_entry("cursor", "blue", URL, home / ".cursor/mcp.json", str) is None


def test_a_line_of_an_earlier_session_is_passed_over(home: Path) -> None:
    written(
        home, LOG, lines({"error": DCR, "sessionId": "one"}, {"debug": "Initializing", "sessionId": "two"})
    )
    assert told(home).registering is None


def test_what_was_mended_in_the_same_session_is_passed_over(home: Path) -> None:
    written(home, LOG, lines({"error": DCR}, {"debug": "Successfully connected to the server"}))
    assert told(home).registering is None


@pytest.mark.parametrize(("log", "entry", "later"), [(2000, 1000, True), (1000, 2000, False)])
def test_a_log_from_before_the_entry_is_known_as_such(log: int, entry: int, later: bool, home: Path) -> None:
    os.utime(written(home, LOG, lines({"error": DCR})), (log, log))
    os.utime(written(home, ".claude.json", "{}"), (entry, entry))
    line = told(home).registering
    assert line is not None
    assert line.later is later


def test_the_folder_that_the_variable_names_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "elsewhere"))
    held = {"serverUrl": URL, "discoveryState": {"authorizationServerUrl": "https://old.example.com"}}
    written(home, "elsewhere/.credentials.json", json.dumps({"mcpOAuth": {"blue|1": held}}))
    written(home, "elsewhere/mcp-needs-auth-cache.json", json.dumps({"blue": {"timestamp": 1}}))
    found = told(home)
    assert (found.discovered, bool(found.asks)) == ("https://old.example.com", True)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200) | _JSON.map(lambda v: json.dumps({"mcpOAuth": v, "blue": v}).encode()), _JSON)
def test_no_content_is_too_odd(home: Path, content: bytes, record: object) -> None:
    for place in (".claude/.credentials.json", ".claude/mcp-needs-auth-cache.json", ".claude.json"):
        written(home, place, content)
    written(home, LOG, json.dumps(record).encode() + b"\n" + content)
    assert told(home).name == "blue"
