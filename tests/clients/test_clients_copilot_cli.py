"""Copilot CLI's files, read as it reads them, and what is written into them."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from wizard import export
from wizard.clients import places
from wizard.clients.known.copilot_cli import CLIENT, CopilotCLI
from wizard.entries import EntryPlan, OwnLogin, Reference, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan("fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Id": ("7",)})
KEYED = RemotePlan("keyed", "https://example.test/mcp", query={"key": (SLOT,)})
STDIO = StdioPlan(
    "faos", ("faos-mcp", "a b"), {"FAOS_API_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)}
)
OPEN = RemotePlan("open", "https://example.test/mcp")
GIVEN: dict[str, Any] = {"type": "http", "url": "https://example.test/mcp", "tools": ["*"]}


def _change(plan: EntryPlan, how: str | None, secret: Secret, *, project: bool = False) -> export.Change:
    given = {"token": secret}
    return export.prepare(plan, "c", "copilot-cli", project=project, path=None, how=how, secrets=given)


def _entry(plan: EntryPlan, how: str | None, secret: Secret, *, project: bool = False) -> dict[str, Any]:
    written = export.write(_change(plan, how, secret, project=project))
    export.read_back(written)
    assert written.change.path
    found = json.loads(written.change.path.read_text(encoding="utf-8"))["mcpServers"][plan.name]
    assert isinstance(found, dict)
    return found


def _one(entry: object) -> Path:
    path = Path("mcp-config.json").absolute()
    text = entry if isinstance(entry, str) else json.dumps({"mcpServers": {"a": entry}})
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_its_folder_is_the_same_on_each_system_and_may_be_moved(platform: str) -> None:
    own = CopilotCLI.places
    assert places.own(own, platform, Path("/h"), {}) == (Path("/h/.copilot/mcp-config.json"),)
    assert places.own(own, platform, Path("/h"), {"COPILOT_HOME": "/x"}) == (Path("/x/mcp-config.json"),)


def test_its_files_and_their_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outer, own = Path.cwd(), home / ".copilot" / "mcp-config.json"
    assert [s.path for s in CLIENT.scopes()] == [outer / ".mcp.json", own]
    inner = outer / "sub"
    for folder in (outer / ".git", outer / ".github", inner):
        folder.mkdir()
    for file in (outer / ".mcp.json", outer / ".github/mcp.json", inner / ".mcp.json"):
        file.write_text("{}", encoding="utf-8")
    monkeypatch.chdir(inner)
    assert [(s.title, s.path) for s in CLIENT.scopes()] == [
        ("workspace", inner / ".mcp.json"),
        ("user", own),
        ("workspace", outer / ".mcp.json"),
        ("workspace", outer / ".github/mcp.json"),
    ]


def test_an_entry_of_each_sort() -> None:
    secret = Secret(secrets.token_urlsafe())
    headers = {"Authorization": "Bearer ${A_TOKEN}", "X-Id": "7"}
    assert _entry(REMOTE, "env", secret) == {**GIVEN, "headers": headers}
    assert _entry(KEYED, "env", secret) == {**GIVEN, "url": "https://example.test/mcp?key=${A_TOKEN}"}
    assert _entry(OPEN, None, secret) == GIVEN
    started = {
        "type": "local",
        "command": "faos-mcp",
        "args": ["a b"],
        "env": {"FAOS_API_TOKEN": "${A_TOKEN}", "FAOS_API_URL": "https://a.test"},
        "tools": ["*"],
    }
    assert _entry(STDIO, "env", secret) == started
    assert _entry(STDIO, "env", secret, project=True) == {**started, "type": "stdio"}
    old = RemotePlan("old", "https://example.test/sse", {"A": (SLOT,)}, "sse")
    assert _entry(old, "env", secret)["type"] == "sse"


def test_its_own_login_holds_a_client_id_alone() -> None:
    def own(login: OwnLogin) -> object:
        plan = RemotePlan("c", OPEN.url, {"Authorization": ("Bearer ", SLOT)}, login=login)
        return _entry(plan, "oauth", Secret(secrets.token_urlsafe()))

    assert own(OwnLogin()) == GIVEN
    assert own(OwnLogin("abc", 4455, ("read",))) == {
        **GIVEN,
        "oauthClientId": "abc",
        "oauthPublicClient": True,
    }


def test_a_dollar_is_replaced_in_the_file_and_nowhere_else() -> None:
    with pytest.raises(UsageError) as refused:
        _change(REMOTE, "inline", Secret("a$b"))
    assert refused.value.id == "secret-needs-another-way"
    assert _entry(REMOTE, "env", Secret("a${b}$c"))["headers"]["Authorization"] == "Bearer ${A_TOKEN}"


@pytest.mark.parametrize("value", ['a"b', "a\\b", "{env:A}", "%A%", "a'b"])
def test_inline_carries_what_json_can(value: str) -> None:
    assert _entry(REMOTE, "inline", Secret(value))["headers"]["Authorization"] == f"Bearer {value}"


def test_what_it_makes_of_references() -> None:
    headers = {
        **{"A": "x${SET}y$SET", "B": "${NOT}", "C": "${env:SET}", "D": "${NOT:-d}", "E": "a$1b${ SET}"},
        "F": "$TWICE",
    }
    environ = {"SET": "v", "TWICE": "${SET}"}
    entry, references = CLIENT.effective(_one({**GIVEN, "headers": headers}), "a", environ)
    assert isinstance(entry, Remote)
    assert {n: v.reveal() for n, v in entry.headers.items()} == {
        **{"A": "xvyv", "B": "${NOT}", "C": "${env:SET}", "D": "d", "E": "a$1b${ SET}", "F": "${SET}"}
    }
    assert Reference("headers.B", "${NOT}", "unset", "NOT") in references
    assert Reference("headers.C", "${env:SET}", "literal") in references


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"url": OPEN.url}, Remote(OPEN.url)),
        ({"url": OPEN.url, "type": "streamable-http"}, Remote(OPEN.url)),
        ({"url": OPEN.url, "type": "sse"}, Remote(OPEN.url, transport="sse")),
        ({"type": "stdio", "command": "x", "args": ["y"]}, Stdio(("x", "y"))),
        ({"type": "local", "command": "x", "args": []}, Stdio(("x",))),
    ],
)
def test_which_server_an_entry_names(entry: dict[str, Any], wanted: object) -> None:
    assert CLIENT.effective(_one(entry), "a", {})[0] == wanted


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ({**GIVEN, "headers": {"A": 1}}, "not an object of texts"),
        ({**GIVEN, "disabled": True}, "switched off"),
        ({**GIVEN, "type": "streamable"}, "does not know the type"),
        ({"type": "http"}, "no `url`"),
        ('{"servers": {"a": {"url": "https://x.test"}}}', "wants `mcpServers`"),
    ],
)
def test_what_makes_it_leave_an_entry_out(held: object, says: str) -> None:
    with pytest.raises(FileProblem) as found:
        CLIENT.effective(_one(held), "a", {})
    assert says in f"{found.value} {found.value.detail}"


def test_comments_and_commas_are_taken_and_what_a_person_has_set_stays(home: Path) -> None:
    path = home / ".copilot" / "mcp-config.json"
    path.parent.mkdir()
    before = (
        '// mine\n{"mcpServers": {"fleet": {"url": "https://o.test", "tools": ["one"], "timeout": 5},},}\n'
    )
    path.write_text(before, encoding="utf-8")
    export.write(_change(REMOTE, "env", Secret(secrets.token_urlsafe())))
    assert path.read_text(encoding="utf-8").startswith("// mine\n")
    found = CLIENT.servers(path)["fleet"]
    assert isinstance(found, dict)
    assert (found["tools"], found["timeout"], found["url"]) == (["one"], 5, REMOTE.url)


def test_its_own_command_makes_the_same_entry_and_holds_no_secret() -> None:
    def words(plan: EntryPlan, how: str | None, project: bool = False) -> tuple[str, ...]:
        change = _change(plan, how, Secret(secrets.token_urlsafe()))
        assert change.job
        return CLIENT.command_line(change.job, project)

    add = ("copilot", "mcp", "add")
    assert words(REMOTE, "env") == (
        *(*add, "fleet", "--transport", "http", "--header", "Authorization: Bearer ${A_TOKEN}"),
        *("--header", "X-Id: 7", REMOTE.url),
    )
    assert words(STDIO, "env")[-3:] == ("--", "faos-mcp", "a b")
    assert words(STDIO, "inline") == words(STDIO, "env", True) == ()
