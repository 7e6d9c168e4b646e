"""Gemini CLI's files, read as it reads them, and what is written into them."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from wizard import export
from wizard.clients import places
from wizard.clients.known.gemini import CLIENT, Gemini
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
GIVEN = {"url": "https://example.test/mcp", "type": "http"}


def _change(
    plan: EntryPlan, how: str | None, secret: Secret, sources: dict[str, str] | None = None
) -> export.Change:
    given = {"token": secret}
    return export.prepare(
        plan, "c", "gemini", project=False, path=None, how=how, secrets=given, sources=sources or {}
    )


def _entry(plan: EntryPlan, how: str | None, secret: Secret) -> dict[str, Any]:
    written = export.write(_change(plan, how, secret))
    export.read_back(written)
    assert written.change.path
    found = json.loads(written.change.path.read_text(encoding="utf-8"))["mcpServers"][plan.name]
    assert isinstance(found, dict)
    return found


def _file(held: object) -> Path:
    path = Path("settings.json").absolute()
    path.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return path


def _one(entry: object) -> Path:
    return _file({"mcpServers": {"a": entry}})


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_its_folder_is_the_same_on_each_system(platform: str) -> None:
    assert places.own(Gemini.places, platform, Path("/h"), {}) == (Path("/h/.gemini/settings.json"),)


def test_its_files_and_their_order(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, project = home / ".gemini/settings.json", Path.cwd() / ".gemini/settings.json"
    assert [s.path for s in CLIENT.scopes()][1:] == [project, own]
    monkeypatch.setenv("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "/somewhere/settings.json")
    monkeypatch.setenv("GEMINI_CLI_HOME", "/elsewhere")
    assert [s.path for s in CLIENT.scopes()] == [
        Path("/somewhere/settings.json"),
        project,
        Path("/elsewhere/.gemini/settings.json"),
    ]


def test_an_entry_of_each_sort() -> None:
    secret = Secret(secrets.token_urlsafe())
    headers = {"Authorization": "Bearer ${A_TOKEN}", "X-Id": "7"}
    assert _entry(REMOTE, "env", secret) == {**GIVEN, "headers": headers}
    assert _entry(KEYED, "env", secret) == {**GIVEN, "url": "https://example.test/mcp?key=${A_TOKEN}"}
    assert _entry(OPEN, None, secret) == GIVEN
    assert _entry(STDIO, "env", secret) == {
        "command": "faos-mcp",
        "args": ["a b"],
        "env": {"FAOS_API_TOKEN": "${A_TOKEN}", "FAOS_API_URL": "https://a.test"},
    }
    old = RemotePlan("old", "https://example.test/sse", {"A": (SLOT,)}, "sse")
    assert _entry(old, "env", secret)["type"] == "sse"


def test_its_own_login_holds_what_it_would_not_find_out() -> None:
    def own(login: OwnLogin) -> object:
        plan = RemotePlan("c", OPEN.url, {"Authorization": ("Bearer ", SLOT)}, login=login)
        return _entry(plan, "oauth", Secret(secrets.token_urlsafe()))

    assert own(OwnLogin()) == GIVEN
    assert own(OwnLogin("abc", 4455, ("read",))) == {
        **GIVEN,
        "oauth": {
            "enabled": True,
            "clientId": "abc",
            "redirectUri": "http://localhost:4455/oauth/callback",
            "scopes": ["read"],
        },
    }


@pytest.mark.parametrize("how", ["env", "inline"])
def test_a_dollar_in_a_secret_is_refused(how: str) -> None:
    with pytest.raises(UsageError) as refused:
        _change(REMOTE, how, Secret("a$b"))
    assert refused.value.id == "secret-needs-another-way"


@pytest.mark.parametrize("value", ['a"b', "a\\b", "{env:A}", "%A%", "a'b"])
def test_inline_carries_what_json_can(value: str) -> None:
    assert _entry(REMOTE, "inline", Secret(value))["headers"]["Authorization"] == f"Bearer {value}"


def test_a_variable_that_its_programs_do_not_get_is_no_source_for_a_helper() -> None:
    for plan in (REMOTE, STDIO):
        with pytest.raises(UsageError) as refused:
            _change(plan, "helper", Secret("a"), {"token": "env:SOME_TOKEN"})
        assert refused.value.id == "variable-hidden-from-helper"
    assert _change(STDIO, "helper", Secret("a"), {"token": "env:SOME_NAME"}).how == "helper"
    assert CLIENT.handed_on({"A_TOKEN": "x", "HOME": "/h"}) == {"HOME": "/h"}


def test_what_it_makes_of_references() -> None:
    headers = {
        **{"A": "x${SET}y$SET", "B": "${NOT}", "C": "{env:SET}", "D": "${env:SET}", "E": "${NOT:-d}"},
        **{"F": "$TWICE", "G": "a$1b$$", "H": "${HIDES}"},
    }
    environ = {"SET": "v", "TWICE": "${SET}q$GONE", "HIDES": "${SOME_KEY}z", "SOME_KEY": "k"}
    entry, references = CLIENT.effective(_one({**GIVEN, "headers": headers}), "a", environ)
    assert isinstance(entry, Remote)
    assert {n: v.reveal() for n, v in entry.headers.items()} == {
        **{"A": "xvyv", "B": "", "C": "{env:SET}", "D": "", "E": "d", "F": "vq", "G": "a$1b$$", "H": "z"}
    }
    states = {r.place: r.state for r in references}
    assert states["headers.B"] == states["headers.D"] == "empty"
    assert Reference("headers.C", "{env:SET}", "literal") in references


def test_in_an_address_and_an_argument_an_unset_variable_stays() -> None:
    path = _file(
        {
            "mcpServers": {
                "a": {"url": "https://example.test/mcp?key=${NOT}"},
                "b": {"command": "x", "args": ["${NOT}", "$SET"], "env": {"A": "${NOT}"}, "cwd": "$SET"},
            }
        }
    )
    entry, references = CLIENT.effective(path, "a", {})
    assert entry == Remote("https://example.test/mcp", query={"key": Secret("${NOT}")})
    assert references == (Reference("url", "${NOT}", "unset", "NOT"),)
    assert CLIENT.effective(path, "b", {"SET": "/s"})[0] == Stdio(
        ("x", "${NOT}", "/s"), {"A": Secret("")}, "/s"
    )


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"url": OPEN.url}, Remote(OPEN.url)),
        ({"httpUrl": OPEN.url}, Remote(OPEN.url)),
        ({"httpUrl": OPEN.url, "url": "https://other.test", "type": "sse"}, Remote(OPEN.url)),
        ({"url": OPEN.url, "type": "sse"}, Remote(OPEN.url, transport="sse")),
        ({"url": OPEN.url, "type": "streamable-http"}, Remote(OPEN.url)),
        ({"url": OPEN.url, "command": "x"}, Remote(OPEN.url)),
        ({"type": "stdio", "command": "x"}, Stdio(("x",))),
    ],
)
def test_which_server_an_entry_names(entry: dict[str, Any], wanted: object) -> None:
    assert CLIENT.effective(_one(entry), "a", {})[0] == wanted


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ('{"mcpServers": {"a": {"url": "https://x.test"},}}', "comma"),
        ('\ufeff{"mcpServers": {"a": {"url": "https://x.test"}}}', "byte order mark"),
        ({"mcpServers": {"a": {"url": "https://x.test", "headers": {"A": 1}}}}, "not an object of texts"),
        ({"mcpServers": {"a": "text"}}, "not an object"),
        ({"mcpServers": {"a": {}}}, "no `command`"),
        ({"mcpServers": {"a": GIVEN}, "mcp": {"excluded": ["a"]}}, "switched off (`mcp.excluded` names it)"),
        ({"mcpServers": {"a": GIVEN}, "mcp": {"allowed": ["b"]}}, "`mcp.allowed` does not name it"),
    ],
)
def test_what_makes_it_pass_an_entry_over(held: object, says: str) -> None:
    with pytest.raises(FileProblem) as found:
        CLIENT.effective(_file(held), "a", {})
    assert says in f"{found.value} {found.value.detail}"


def test_a_comment_is_taken_and_what_a_person_has_set_stays(home: Path) -> None:
    path = home / ".gemini" / "settings.json"
    path.parent.mkdir()
    before = '// mine\n{"mcpServers": {"fleet": {"httpUrl": "https://o.test", "trust": true, "timeout": 5}}}'
    path.write_text(before, encoding="utf-8")
    export.write(_change(REMOTE, "env", Secret(secrets.token_urlsafe())))
    text = path.read_text(encoding="utf-8")
    found = json.loads(text.partition("\n")[2])["mcpServers"]["fleet"]
    assert text.startswith("// mine\n")
    assert (found["trust"], found["timeout"], found["url"]) == (True, 5, REMOTE.url)
    assert "httpUrl" not in found


def test_its_own_command_makes_the_same_entry_and_holds_no_secret() -> None:
    def words(plan: EntryPlan, how: str | None, project: bool = False) -> tuple[str, ...]:
        change = _change(plan, how, Secret(secrets.token_urlsafe()))
        assert change.job
        return CLIENT.command_line(change.job, project)

    add = ("gemini", "mcp", "add")
    assert words(REMOTE, "env") == (
        *(*add, "fleet", REMOTE.url, "-s", "user", "-t", "http"),
        *("-H", "Authorization: Bearer ${A_TOKEN}", "-H", "X-Id: 7"),
    )
    assert words(STDIO, "env", True) == (
        *(*add, "faos", "faos-mcp", "-s", "project", "-e", "FAOS_API_TOKEN=${A_TOKEN}"),
        *("-e", "FAOS_API_URL=https://a.test", "--", "a b"),
    )
    assert words(REMOTE, "inline") == ()
