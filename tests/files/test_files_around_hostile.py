"""Whatever stands in the files that are looked at beside a credential: nothing breaks, and no secret is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from diagnostics import client_policies, lock_files, shell_files, shell_history, synced
from wizard.clients.known.claude_code import ClaudeCode
from wizard.entries import Remote, Stdio
from wizard.errors import FileProblem
from wizard.secret import Secret

_QUICK = settings(
    max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(["serverName", "serverUrl", "serverCommand", "x"])
_RULES = st.lists(st.dictionaries(_KEYS, _JSON, max_size=3) | _JSON, max_size=4) | _JSON
_LISTS = ("deniedMcpServers", "allowedMcpServers", "disabledMcpjsonServers", "allowManagedMcpServersOnly")


@_QUICK
@given(st.dictionaries(st.sampled_from(_LISTS), _RULES), st.booleans())
def test_any_settings_of_claude_code(home: Path, told: dict[str, object], remote: bool) -> None:
    place = home / ".claude/settings.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(told))
    entry = Remote("https://mcp.acme.test/x") if remote else Stdio(("npx", "tool"))
    for found in client_policies.blocking("claude-code", "mine", entry, home / ".mcp.json"):
        assert found.says
        assert found.where == str(place)


@_QUICK
@given(st.binary(max_size=300))
def test_any_bytes_in_any_of_them(home: Path, data: bytes) -> None:
    for name in (
        ".bash_history",
        ".bashrc",
        ".dropbox/info.json",
        "token.lock",
        ".claude.json",
        ".claude/settings.json",
    ):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(data)
    shell_history.find({"x": Secret("a-very-telling-secret-93")}, unknown=True)
    shell_files.in_shells({"A"})
    synced.service_of(home / "a/b")
    lock_files.dead(home / "token")
    client_policies.blocking("vscode", "mine", Stdio(("x",)), home / ".mcp.json")
    local = ClaudeCode().scopes()[0]
    try:
        local.client.servers(local.path)
    except FileProblem as problem:
        assert problem.title


@_QUICK
@given(_JSON)
def test_any_json_where_the_local_entries_stand(home: Path, value: object) -> None:
    (home / ".claude.json").write_text(json.dumps({"projects": {str(Path.cwd()): value}}))
    local = ClaudeCode().scopes()[0]
    found = local.client.servers(local.path)
    assert isinstance(found, dict)


@pytest.mark.parametrize("line", ["export T={}", "curl -H 'Authorization: Bearer {}'", "x{}y"])
def test_a_value_is_found_wherever_it_stands_in_a_line(home: Path, line: str) -> None:
    value = Secret("q8-Zt4_mVb2Lk9Xw")
    (home / ".zsh_history").write_text(f"ls\n{line.format(value.reveal())}\n")
    (found,) = shell_history.find({"it": value})
    assert (found.path, found.line, found.what) == (str(home / ".zsh_history"), 2, "it")
    assert value.reveal() not in repr(found)
