"""Cline: two files, one schema for the whole of each, and no references."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from wizard import clients, export
from wizard.entries import OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

CLINE = clients.get("cline")
SLOT = Slot("token", "A_TOKEN")
URL = "https://e.test/mcp"
REMOTE = RemotePlan("fleet", URL, {"Authorization": ("Bearer ", SLOT)})
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,)})


def _write(plan: RemotePlan | StdioPlan, how: str = "inline", secret: str = "") -> export.Change:
    given = {"token": Secret(secret or secrets.token_urlsafe())}
    change = export.prepare(plan, "c", "cline", project=False, path=Path("f.json"), how=how, secrets=given)
    export.read_back(export.write(change))
    return change


def _file(name: str = "f.json", **entries: Any) -> Path:
    path = Path(name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mcpServers": entries}), encoding="utf-8")
    return path


def _held(name: str) -> dict[str, Any]:
    found = json.loads(Path("f.json").read_text(encoding="utf-8"))["mcpServers"][name]
    assert isinstance(found, dict)
    return found


def test_the_extensions_file_where_that_is_installed_else_the_command_lines(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CLINE.path(False) == home / ".cline/data/settings/cline_mcp_settings.json"
    for variable, wanted in (
        ("CLINE_DIR", "/x/data/settings/cline_mcp_settings.json"),
        ("CLINE_DATA_DIR", "/x/settings/cline_mcp_settings.json"),
        ("CLINE_MCP_SETTINGS_PATH", "/x"),
    ):
        monkeypatch.setenv(variable, "/x")
        assert CLINE.path(False) == Path(wanted)
    extension = home / ".config/Code/User/globalStorage/saoudrizwan.claude-dev"
    extension.mkdir(parents=True)
    assert CLINE.path(False) == extension / "settings/cline_mcp_settings.json"
    assert CLINE.path(True) is None


def test_a_remote_entry_has_its_own_word_for_the_transport() -> None:
    _write(REMOTE, secret="s-1")
    assert _held("fleet") == {
        "type": "streamableHttp",
        "url": URL,
        "headers": {"Authorization": "Bearer s-1"},
    }


def test_a_program_is_started_by_the_helper_or_holds_the_secret_and_has_time_to_start() -> None:
    _write(STDIO, "helper")
    assert _held("faos")["args"][-4:] == ["exec", "c", "--", "faos-mcp"]
    _write(STDIO, secret='a"b\\c$d')
    assert _held("faos") == {
        "type": "stdio",
        "command": "faos-mcp",
        "args": [],
        "env": {"FAOS_API_TOKEN": 'a"b\\c$d'},
        "timeout": 60,
    }


def test_a_reference_is_never_offered_and_its_extensions_mark_is_refused() -> None:
    assert CLINE.ways(REMOTE) == ("helper", "inline")
    with pytest.raises(UsageError) as refused:
        _write(REMOTE, secret="a${env:B}")
    assert refused.value.id == "secret-needs-another-way"


def test_references_are_sent_as_they_stand_but_by_the_extension() -> None:
    entry = {"type": "streamableHttp", "url": URL, "headers": {"A": "${env:SET}", "B": "${SET}"}}
    extension = _file("saoudrizwan.claude-dev/settings/cline_mcp_settings.json", a=entry)
    for path, made in ((_file(a=entry), "${env:SET}"), (extension, "v")):
        read, references = CLINE.effective(path, "a", {"SET": "v"})
        assert isinstance(read, Remote)
        assert {n: v.reveal() for n, v in read.headers.items()} == {"A": made, "B": "${SET}"}
        assert references[1].state == "literal"


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"url": URL}, Remote(URL, transport="sse")),
        ({"url": URL, "transportType": "http"}, Remote(URL)),
        ({"url": URL, "type": "sse", "transportType": "http"}, Remote(URL, transport="sse")),
        ({"url": URL, "command": "c"}, Stdio(("c",))),
        (
            {"transport": {"type": "streamableHttp", "url": URL, "headers": {"A": "b"}}},
            Remote(URL, {"A": Secret("b")}),
        ),
        ({"transport": {"type": "stdio", "command": "c", "args": ["d"]}}, Stdio(("c", "d"))),
        ({"type": "streamableHttp", "url": URL, "command": "c"}, Remote(URL)),
    ],
)
def test_what_an_entry_is_taken_for(entry: dict[str, object], wanted: object) -> None:
    assert CLINE.effective(_file(a=entry), "a", {})[0] == wanted


REFUSED = [
    ({"type": "http", "url": URL}, "does not know the type `http`"),
    ({"type": "streamableHttp", "url": "${env:URL}"}, "no whole address"),
    ({"type": "streamableHttp", "url": URL, "headers": {"A": 1}}, "not an object of texts"),
    ({"command": "c", "env": {"A": True}}, "not an object of texts"),
    ({"command": "c", "env": None}, "not an object of texts"),
    ({"type": "streamableHttp", "command": "c"}, "no `url`"),
    ({"command": "c", "args": "x"}, "not a list of texts"),
    ({}, "no `command`"),
    ("text", "not an object"),
]


@pytest.mark.parametrize(("entry", "says"), REFUSED)
def test_one_entry_that_it_does_not_take_makes_it_refuse_the_whole_file(entry: object, says: str) -> None:
    path = _file(fine={"command": "c"}, other=entry)
    with pytest.raises(FileProblem, match=says) as refused:
        CLINE.effective(path, "fine", {})
    assert "refuses the whole file for its entry `other`" in refused.value.title
    before = path.read_bytes()
    with pytest.raises(FileProblem, match=says):
        _write(REMOTE)
    assert path.read_bytes() == before


def test_writing_over_the_wrong_entry_mends_the_file() -> None:
    path = _file(fleet={"type": "http", "url": URL})
    _write(REMOTE)
    assert isinstance(CLINE.effective(path, "fleet", {})[0], Remote)


def test_the_wrong_entry_can_be_taken_out() -> None:
    path = _file(fine={"command": "c"}, other={"type": "http", "url": URL})
    export.write(export.remove("other", "cline", project=False, path=path))
    assert CLINE.effective(path, "fine", {})[0] == Stdio(("c",))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'\xef\xbb\xbf{"mcpServers": {"a": {"command": "c"}}}', "byte order mark"),
        (b'{"mcpServers": {"a": {"command": "c"}}} // x', "a comment"),
        (b'{"mcpServers": {"a": {"command": "c"},}}', "a comma"),
    ],
)
def test_a_file_that_is_not_strict_json_is_neither_read_nor_written(content: bytes, says: str) -> None:
    path = Path("f.json").absolute()
    path.write_bytes(content)
    for use in (lambda: CLINE.effective(path, "a", {}), lambda: _write(REMOTE)):
        with pytest.raises(FileProblem, match=says):
            use()
    assert path.read_bytes() == content


def test_what_a_person_chose_stays_and_a_disabled_one_is_told() -> None:
    path = _file(fleet={"command": "old", "disabled": False, "autoApprove": ["x"], "timeout": 30})
    _write(REMOTE)
    found = _held("fleet")
    assert (found["autoApprove"], found["timeout"], "command" in found) == (["x"], 30, False)
    _file(a={"command": "c", "disabled": True})
    with pytest.raises(FileProblem, match="switched off"):
        CLINE.effective(path, "a", {})


def test_its_own_login_stays_with_the_address_and_is_never_shown() -> None:
    token = secrets.token_urlsafe()
    oauth = {"tokens": {"access_token": token}, "clientInformation": {"client_id": "x"}}
    plan = RemotePlan("fleet", URL, login=OwnLogin())
    _file(fleet={"type": "streamableHttp", "url": URL, "oauth": oauth})
    assert not _write(plan, "oauth").changed
    shown = _write(RemotePlan("fleet", URL, login=OwnLogin("id-1")), "oauth")
    assert shown.changed
    assert token not in shown.diff
    assert (_held("fleet")["oauth"], _held("fleet")["oauthClient"]) == (oauth, {"clientId": "id-1"})
    moved = _write(RemotePlan("fleet", "https://other.test/mcp", login=OwnLogin()), "oauth")
    assert token not in moved.diff
    assert "oauth" not in _held("fleet")
