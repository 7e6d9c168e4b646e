"""An entry whose address or program stands under a name that the client does not know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wizard import clients
from wizard.errors import FileProblem

_HTTP = "http://127.0.0.1:8000/mcp"


def _problem(client: str, entry: object) -> FileProblem:
    found = clients.get(client)
    key = {"vscode": "servers", "zed": "context_servers", "opencode": "mcp"}.get(client, "mcpServers")
    Path("mine.json").write_text(json.dumps({key: {"mine": entry}}), encoding="utf-8")
    with pytest.raises(FileProblem) as raised:
        found.effective(Path("mine.json"), "mine", {})
    return raised.value


@pytest.mark.parametrize(
    ("client", "written", "wanted"),
    [
        ("cursor", "uri", "url"),
        ("cursor", "serverUrl", "url"),
        ("cursor", "httpUrl", "url"),
        ("cursor", "URL", "url"),
        ("cursor", "urls", "url"),
        ("cursor", "ulr", "url"),
        ("cursor", "endpoint", "url"),
        ("windsurf", "uri", "serverUrl"),
        ("windsurf", "serverURL", "serverUrl"),
        ("claude-code", "uri", "url"),
        ("gemini", "serverUrl", "url"),
        ("cline", "uri", "url"),
        ("roo", "uri", "url"),
    ],
)
def test_an_address_under_another_name_is_named(client: str, written: str, wanted: str) -> None:
    problem = _problem(client, {written: _HTTP})
    assert f"it has no `{wanted}`; `{written}` is not known to it" in problem.title
    assert problem.fix[0] == f"Rename `{written}` to `{wanted}`."


@pytest.mark.parametrize("written", ["cmd", "Command", "comand", "executable"])
@pytest.mark.parametrize("client", ["cursor", "claude-desktop", "claude-code"])
def test_a_program_under_another_name_is_named(client: str, written: str) -> None:
    problem = _problem(client, {written: "npx", "args": ["-y", "mine"]})
    assert f"it has no `command`; `{written}` is not known to it" in problem.title
    assert problem.fix[0] == f"Rename `{written}` to `command`."


def test_a_type_does_not_hide_the_name() -> None:
    assert _problem("vscode", {"type": "http", "uri": _HTTP}).fix[0] == "Rename `uri` to `url`."
    assert _problem("opencode", {"type": "remote", "uri": _HTTP}).fix[0] == "Rename `uri` to `url`."


@pytest.mark.parametrize(
    ("client", "entry"),
    [
        ("cursor", {}),
        ("cursor", {"args": ["x"], "env": {"A": "b"}}),
        ("cursor", {"comment": "nothing here", "docs": _HTTP, "user": "me"}),
        ("cursor", {"uri": ""}),
        ("cursor", {"ur\u001bl": _HTTP}),
        ("claude-desktop", {"uri": _HTTP}),
    ],
)
def test_nothing_is_guessed(client: str, entry: object) -> None:
    assert "it has no `command`" in _problem(client, entry).title
    assert "not known to it" not in _problem(client, entry).title


def test_a_strange_member_beside_a_known_one_is_no_matter() -> None:
    Path("mine.json").write_text(json.dumps({"mcpServers": {"mine": {"url": _HTTP, "uri": _HTTP}}}))
    clients.get("cursor").effective(Path("mine.json"), "mine", {})
