"""OpenCode's files, read as it reads them, and what is written into them."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from wizard import clients, export
from wizard.clients import places
from wizard.clients.known.opencode import OpenCode
from wizard.entries import EntryPlan, OwnLogin, Reference, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

CLIENT = OpenCode()
SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan("fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Id": ("7",)})
KEYED = RemotePlan("keyed", "https://example.test/mcp", query={"key": (SLOT,)})
STDIO = StdioPlan(
    "faos", ("faos-mcp", "a b"), {"FAOS_API_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)}
)
OPEN = RemotePlan("open", "https://example.test/mcp")
GIVEN = {"type": "remote", "url": "https://example.test/mcp"}


def _change(plan: EntryPlan, how: str | None, secret: Secret, *, project: bool = False) -> export.Change:
    return export.prepare(
        plan, "c", "opencode", project=project, path=None, how=how, secrets={"token": secret}
    )


def _entry(plan: EntryPlan, how: str | None, secret: Secret) -> dict[str, Any]:
    written = export.write(_change(plan, how, secret))
    export.read_back(written)
    assert written.change.path
    found = json.loads(written.change.path.read_text(encoding="utf-8"))["mcp"][plan.name]
    assert isinstance(found, dict)
    return found


def _file(held: object, name: str = "opencode.json") -> Path:
    path = Path(name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return path


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_its_folder_is_the_same_on_each_system(platform: str) -> None:
    found = places.own(OpenCode.places, platform, Path("/h"), {})
    assert found == (
        Path("/h/.config/opencode/opencode.jsonc"),
        Path("/h/.config/opencode/opencode.json"),
    )
    moved = places.own(OpenCode.places, platform, Path("/h"), {"XDG_CONFIG_HOME": "/x"})
    assert moved[0] == Path("/x/opencode/opencode.jsonc")


def test_the_file_that_is_there_is_the_one_and_of_two_the_one_that_wins(home: Path) -> None:
    folder = home / ".config" / "opencode"
    assert CLIENT.path(False) == folder / "opencode.jsonc"
    _file({}, str(folder / "opencode.json"))
    assert CLIENT.path(False) == folder / "opencode.json"
    _file({}, str(folder / "opencode.jsonc"))
    assert CLIENT.path(False) == folder / "opencode.jsonc"
    assert CLIENT.path(True) == Path.cwd() / "opencode.jsonc"


def test_an_entry_of_each_sort() -> None:
    secret = Secret(secrets.token_urlsafe())
    headers = {"Authorization": "Bearer {env:A_TOKEN}", "X-Id": "7"}
    assert _entry(REMOTE, "env", secret) == {**GIVEN, "headers": headers, "oauth": False}
    assert _entry(KEYED, "env", secret) == {
        **GIVEN,
        "url": "https://example.test/mcp?key={env:A_TOKEN}",
        "oauth": False,
    }
    assert _entry(OPEN, None, secret) == GIVEN
    assert _entry(STDIO, "env", secret) == {
        "type": "local",
        "command": ["faos-mcp", "a b"],
        "environment": {"FAOS_API_TOKEN": "{env:A_TOKEN}", "FAOS_API_URL": "https://a.test"},
    }
    old = RemotePlan("old", "https://example.test/sse", {"A": (SLOT,)}, "sse")
    assert _entry(old, "env", secret)["type"] == "remote"


def test_its_own_login_holds_what_it_would_not_find_out() -> None:
    def own(login: OwnLogin) -> object:
        plan = RemotePlan("c", OPEN.url, {"Authorization": ("Bearer ", SLOT)}, login=login)
        return _entry(plan, "oauth", Secret(secrets.token_urlsafe()))

    assert own(OwnLogin()) == GIVEN
    assert own(OwnLogin("abc", 4455, ("read", "write"))) == {
        **GIVEN,
        "oauth": {"clientId": "abc", "callbackPort": 4455, "scope": "read write"},
    }


def test_what_a_person_has_set_stays() -> None:
    path = _file({"mcp": {"fleet": {**GIVEN, "timeout": 9000, "headers": {"A": "b"}}}})
    change = _change(REMOTE, "env", Secret(secrets.token_urlsafe()), project=True)
    assert change.path == path
    export.write(change)
    found = json.loads(path.read_text(encoding="utf-8"))["mcp"]["fleet"]
    assert found["timeout"] == 9000 and found["headers"]["X-Id"] == "7" and "A" not in found["headers"]


def test_an_entry_that_is_switched_off_is_not_proven() -> None:
    for member in ({"enabled": False}, {"disabled": True}):
        path = _file({"mcp": {"a": {**GIVEN, **member}}})
        with pytest.raises(FileProblem, match="switched off") as found:
            CLIENT.effective(path, "a", {})
        assert found.value.id == "client-entry-off"


@pytest.mark.parametrize(
    ("how", "value"), [("env", 'a"b'), ("env", "a\\b"), ("env", "a{file:b}"), ("inline", "{env:A}")]
)
def test_what_it_would_change_is_refused(how: str, value: str) -> None:
    with pytest.raises(UsageError) as refused:
        _change(REMOTE, how, Secret(value))
    assert refused.value.id == "secret-needs-another-way"


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a$b", "${A}", "%A%", "a'b"])
def test_inline_carries_what_json_can(value: str) -> None:
    assert _entry(REMOTE, "inline", Secret(value))["headers"]["Authorization"] == f"Bearer {value}"


def test_a_programs_line_break_is_no_variable() -> None:
    with pytest.raises(UsageError) as refused:
        _change(STDIO, "env", Secret("a\nb"))
    assert refused.value.id == "secret-needs-another-way"
    assert _entry(STDIO, "inline", Secret("a\nb"))["environment"]["FAOS_API_TOKEN"] == "a\nb"


def test_what_it_makes_of_references(home: Path) -> None:
    _file("from a file\n", str(home / "held"))
    _file("beside", "near")
    headers = {"A": "x{env:SET}y", "B": "{env:NOT}", "C": "${SET}", "D": "{file:~/held}", "E": "{file:near}"}
    path = _file({"mcp": {"a": {**GIVEN, "headers": headers}}})
    entry, references = CLIENT.effective(path, "a", {"SET": r"va\tl"})
    assert isinstance(entry, Remote)
    assert {n: v.reveal() for n, v in entry.headers.items()} == {
        "A": "xva\tly",
        "B": "",
        "C": "${SET}",
        "D": "from a file",
        "E": "beside",
    }
    assert references == (
        Reference("headers.A", "{env:SET}", "resolved", "SET"),
        Reference("headers.B", "{env:NOT}", "empty", "NOT"),
        Reference("headers.C", "${SET}", "literal"),
        Reference("headers.D", "{file:~/held}", "resolved"),
        Reference("headers.E", "{file:near}", "resolved"),
    )


def test_a_key_in_the_address_is_a_parameter_and_may_be_secret() -> None:
    path = _file({"mcp": {"a": {**GIVEN, "url": "https://example.test/mcp?k={env:SET}&v=1"}}})
    entry, _ = CLIENT.effective(path, "a", {"SET": "abc"})
    assert entry == Remote("https://example.test/mcp?v=1", query={"k": Secret("abc")})


@pytest.mark.parametrize(
    ("environ", "says"),
    [({"V": 'a"b'}, "the value of V"), ({"V": "{file:gone}"}, "gone, which it names, cannot be read")],
)
def test_a_value_that_breaks_the_file_is_named_and_not_shown(environ: dict[str, str], says: str) -> None:
    path = _file({"mcp": {"a": {**GIVEN, "headers": {"A": "{env:V}"}}}})
    with pytest.raises(FileProblem, match=says) as found:
        CLIENT.effective(path, "a", environ)
    assert 'a"b' not in str(found.value)


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ({"mcpServers": {"a": GIVEN}}, "Rename `mcpServers` to `mcp`"),
        ({"mcp": []}, "not an object"),
        ([], "its top is not an object"),
        ({"mcp": {"a": {"url": "https://x.test"}}}, "without a `type`"),
        ({"mcp": {"a": {"type": "http", "url": "https://x.test"}}}, "does not know the type `http`"),
        ({"mcp": {"a": {"type": "remote"}}}, "has no `url`"),
        ({"mcp": {"a": {"type": "local", "command": "x"}}}, "`command` in it is not a list"),
        ({"mcp": {"a": {**GIVEN, "headers": {"A": 1}}}}, "not an object of texts"),
        ({"mcp": {"a": GIVEN, "other": {"type": "http"}}}, "the whole file for its entry `other`"),
        ({"mcp": {"a": GIVEN, "other": "text"}}, "the whole file for its entry `other`"),
    ],
)
def test_what_makes_it_pass_a_file_over(held: object, says: str) -> None:
    path = _file(held)
    with pytest.raises(FileProblem) as found:
        CLIENT.servers(path)
        CLIENT.effective(path, "a", {})
    assert says in f"{found.value} {found.value.fix}"


@pytest.mark.parametrize(
    "text",
    [
        '// first\n{"mcp": {"a": %s,},}',
        '\ufeff{"mcp": {"a": %s}}',
        '{"mcp": {"a": %s, "b": {"enabled": false}}}',
        '{"mcp": {"servers": {"a": %s}, "timeout": {"startup": 5}}}',
    ],
)
def test_what_it_takes(text: str) -> None:
    path = _file(text % json.dumps(GIVEN))
    assert CLIENT.effective(path, "a", {})[0] == Remote(OPEN.url)


def test_a_program_is_started_where_it_says() -> None:
    path = _file({"mcp": {"a": {"type": "local", "command": ["x"], "cwd": "{env:P}/y"}}})
    assert CLIENT.effective(path, "a", {"P": "/p"})[0] == Stdio(("x",), {}, "/p/y")


def test_its_files_are_merged_and_which_wins_was_seen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / ".config" / "opencode"
    own = _file({"mcp": {"a": {**GIVEN, "headers": {"A": "own", "B": "own"}}}}, str(folder / "opencode.json"))
    outer = _file({"mcp": {"a": {**GIVEN, "headers": {"A": "outer"}}}})
    inner = _file({"mcp": {"a": {"enabled": True}}}, "sub/opencode.json")
    hidden = _file({"mcp": {}}, ".opencode/opencode.jsonc")
    monkeypatch.chdir("sub")
    found = [s for s in CLIENT.scopes() if s.path.exists()]
    assert [(s.title, s.path) for s in found] == [
        ("project", hidden),
        ("project", inner),
        ("project", outer),
        ("user", own),
    ]
    entry, _ = found[1].client.effective(inner, "a", {})
    assert entry == Remote(OPEN.url, {"A": Secret("outer"), "B": Secret("own")})


def test_its_own_command_makes_the_same_entry_where_it_can(home: Path) -> None:
    def words(plan: EntryPlan, how: str | None) -> tuple[str, ...]:
        change = _change(plan, how, Secret(secrets.token_urlsafe()))
        assert change.job
        return CLIENT.command_line(change.job, False)

    add = ("opencode", "mcp", "add")
    assert words(OPEN, None) == (*add, "open", "--url", OPEN.url)
    assert words(STDIO, "env") == (
        *(*add, "faos", "--env", "FAOS_API_TOKEN={env:A_TOKEN}", "--env", "FAOS_API_URL=https://a.test"),
        *("--", "faos-mcp", "a b"),
    )
    assert words(STDIO, "inline") == ()
    # it cannot say that OpenCode is not to log in by itself
    assert words(REMOTE, "env") == ()
    assert clients.get("opencode").found() is False
    (home / ".config" / "opencode").mkdir(parents=True)
    assert clients.get("opencode").found() is True
