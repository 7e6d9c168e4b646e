"""Codex: one TOML file, variables by name, a helper with few variables, and no entry beside a wrong one."""

from __future__ import annotations

import secrets
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.running import Run

from sandbox.practice import Practice
from wizard import connections, export
from wizard.change import Change
from wizard.clients import places
from wizard.clients.known.codex import CLIENT as CODEX
from wizard.connections import Connection
from wizard.entries import EntryPlan, OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

SLOT, KEY = Slot("token", "A_TOKEN"), Slot("key", "A_KEY")
URL = "https://e.test/mcp"
REMOTE = RemotePlan("fleet", URL, {"Authorization": ("Bearer ", SLOT), "X-Key": (KEY,), "X-Id": ("7",)})
STDIO = StdioPlan("faos", ("faos-mcp", "--x"), {"A_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)})
DUAL = RemotePlan("dual", URL, {"X-Authorization": ("Bearer ", KEY), "Authorization": ("Bearer ", SLOT)})
KEYED = RemotePlan("keyed", URL, query={"api_key": (KEY,)})


def _prepare(plan: EntryPlan, how: str | None = None, *, secret: str = "", **more: Any) -> Change:
    given = {"token": Secret(secret or secrets.token_urlsafe()), "key": Secret(secrets.token_urlsafe())}
    told: dict[str, Any] = {"project": False, "path": None, "how": how, "secrets": given, **more}
    return export.prepare(plan, "c", "codex", **told)


def _held(change: Change) -> dict[str, Any]:
    assert change.after is not None
    found = tomllib.loads(change.after.decode())["mcp_servers"][change.server]
    assert isinstance(found, dict)
    return found


def _file(content: str) -> Path:
    path = Path("config.toml").absolute()
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_its_files_are_the_same_everywhere(platform: str, tmp_path: Path) -> None:
    assert places.own(CODEX.places, platform, tmp_path, {}) == (tmp_path / ".codex/config.toml",)
    moved = places.own(CODEX.places, platform, tmp_path, {"CODEX_HOME": "/elsewhere"})
    assert moved == (Path("/elsewhere/config.toml"),)


def test_a_project_has_one_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [s.path for s in CODEX.scopes()] == [
        home / "project/.codex/config.toml",
        home / ".codex/config.toml",
    ]
    monkeypatch.chdir(home)
    assert [s.title for s in CODEX.scopes()] == ["user"]


def test_variables_are_named_where_the_whole_value_is_one() -> None:
    assert _held(_prepare(REMOTE, "env")) == {
        "url": URL,
        "bearer_token_env_var": "A_TOKEN",
        "http_headers": {"X-Id": "7"},
        "env_http_headers": {"X-Key": "A_KEY"},
    }
    own = _prepare(REMOTE, "env", sources={"token": "env:MINE"})
    assert _held(own)["bearer_token_env_var"] == "MINE"
    assert _held(_prepare(STDIO, "env")) == {
        "command": "faos-mcp",
        "args": ["--x"],
        "env": {"FAOS_API_URL": "https://a.test"},
        "env_vars": ["A_TOKEN"],
    }


@pytest.mark.parametrize(
    ("plan", "ways"),
    [
        (REMOTE, ("helper", "env", "inline")),
        (DUAL, ("helper", "inline")),
        (KEYED, ("inline",)),
        (STDIO, ("helper", "env", "inline")),
        (StdioPlan("x", ("x",), {"OTHER": (SLOT,)}), ("helper", "inline")),
        (StdioPlan("x", ("x",), {"A_TOKEN": ("a", SLOT)}), ("helper", "inline")),
        (RemotePlan("x", URL, {"Authorization": ("Token ", SLOT)}), ("helper", "inline")),
        (RemotePlan("x", URL, {"X-Key": ("Bearer ", KEY)}), ("helper", "inline")),
        (RemotePlan("x", URL), ("inline",)),
        (RemotePlan("x", URL, {"X-Key": (KEY,)}, transport="sse"), ("helper", "inline")),
    ],
)
def test_what_it_cannot_say_is_not_offered(plan: EntryPlan, ways: tuple[str, ...]) -> None:
    assert CODEX.ways(plan) == ways


def test_a_program_gets_a_variable_under_its_own_name_alone() -> None:
    with pytest.raises(UsageError, match="the program wants A_TOKEN, the secret is in MINE") as refused:
        _prepare(STDIO, "env", sources={"token": "env:MINE"})
    assert refused.value.id == "variable-has-another-name"
    by_helper = _held(_prepare(STDIO, sources={"token": "env:MINE"}))
    assert by_helper["env_vars"][0] == "MINE"
    assert by_helper["args"][-5:] == ["exec", "c", "--", "faos-mcp", "--x"]


def test_a_helper_is_given_what_leads_to_the_store_and_no_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1/bus")
    password = secrets.token_urlsafe()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{password}@127.0.0.1:1")
    written = _prepare(REMOTE, "helper")
    command = _held(written)["http_headers_helper"]
    assert command.startswith("env DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1/bus ")
    assert f" XDG_CONFIG_HOME={home}/.config " in command
    assert command.endswith(" headers c")
    assert password not in (written.after or b"").decode()
    names = _held(_prepare(STDIO, "helper"))["env_vars"]
    assert {"DBUS_SESSION_BUS_ADDRESS", "HTTPS_PROXY", "XDG_CONFIG_HOME"} <= set(names)
    assert set(CODEX.handed_on({"HOME": "h", "HTTPS_PROXY": "p", "XDG_CONFIG_HOME": "x"})) == {"HOME"}


@pytest.mark.parametrize(("plan", "more"), [(REMOTE, ["Or use --secrets env."]), (DUAL, [])])
def test_a_variable_does_not_reach_a_helper(plan: RemotePlan, more: list[str]) -> None:
    with pytest.raises(UsageError, match="keeps MINE from a helper") as refused:
        _prepare(plan, "helper", sources={"token": "env:MINE"})
    assert refused.value.id == "variable-hidden-from-helper"
    assert [step for step in refused.value.fix if "--secrets" in step] == more


@pytest.mark.parametrize("secret", ["a'b", 'a"b\\c', "$HOME ${HOME} {env:HOME}", "é", "'''\"\"\"", "#]="])
def test_a_secret_stands_in_the_file_unchanged(secret: str) -> None:
    change = _prepare(REMOTE, "inline", secret=secret)
    assert _held(change)["http_headers"]["Authorization"] == f"Bearer {secret}"
    assert secret not in change.diff
    entry = export.read_back(export.write(change))
    assert isinstance(entry, Remote)
    assert entry.headers["Authorization"] == Secret(f"Bearer {secret}")
    assert change.path is not None
    assert change.path.stat().st_mode & 0o777 == 0o600


def test_a_line_break_goes_to_a_program_alone() -> None:
    with pytest.raises(UsageError, match="line break"):
        _prepare(REMOTE, "inline", secret="a\nb")
    entry = export.read_back(export.write(_prepare(STDIO, "inline", secret="a\nb")))
    assert isinstance(entry, Stdio)
    assert entry.env["A_TOKEN"] == Secret("a\nb")


def test_the_older_transport_goes_by_the_bridge() -> None:
    sse = RemotePlan("old", URL, {"X-Id": ("7",)}, transport="sse")
    assert "sse-only" in _held(_prepare(sse))["args"]


def test_what_a_person_set_stays_with_the_entry(home: Path) -> None:
    own = home / ".codex/config.toml"
    own.parent.mkdir()
    before = '# mine\nmodel = "m"\n\n[mcp_servers.fleet]\ncommand = "old"\nargs = []\nenabled_tools = ["a"] # two\n'
    own.write_text(before, encoding="utf-8")
    change = _prepare(REMOTE, "env")
    held = _held(change)
    assert held["enabled_tools"] == ["a"]
    assert "command" not in held
    assert (change.after or b"").decode().startswith('# mine\nmodel = "m"\n\n[mcp_servers.fleet]\n')
    export.write(change)
    export.undo("codex", project=False, path=None)
    assert own.read_text(encoding="utf-8") == before


def test_its_login_has_its_client_id_its_port_and_a_redirect_uri_that_is_told() -> None:
    login = OwnLogin("abc", 4455, ("read", "write"))
    plan = RemotePlan("fleet", URL, {"Authorization": ("Bearer ", SLOT)}, login=login)
    change = _prepare(plan, "oauth")
    wanted = {"url": URL, "scopes": ["read", "write"], "oauth": {"client_id": "abc", "callback_port": 4455}}
    assert _held(change) == wanted
    told = next(act for act in change.next_act if "abc" in act)
    assert "http://127.0.0.1:4455/callback/" in told
    assert "Run `codex mcp login fleet`: log in in the browser that opens." in change.next_act
    bare = _prepare(RemotePlan("fleet", URL, plan.headers, login=OwnLogin()), "oauth")
    assert _held(bare) == {"url": URL}


@pytest.mark.parametrize("name", ["my fleet", "é", "a*b", ""])
def test_a_name_that_it_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="as a server's name"):
        _prepare(RemotePlan(name, URL))


@pytest.mark.parametrize("name", ["a.b", "a/b@c:1", "a-b_c"])
def test_a_name_that_it_takes_is_one_key(name: str) -> None:
    assert _held(_prepare(RemotePlan(name, URL))) == {"url": URL}


@pytest.mark.parametrize(
    ("plan", "how", "words"),
    [
        (RemotePlan("x", URL), None, ("--url", URL)),
        (
            RemotePlan("x", URL, {"Authorization": ("Bearer ", SLOT)}),
            "env",
            ("--url", URL, "--bearer-token-env-var", "A_TOKEN"),
        ),
        (StdioPlan("x", ("p", "-v"), {"A": ("b c",)}), None, ("--env", "A=b c", "--", "p", "-v")),
    ],
)
def test_its_own_command_is_told_where_it_can_say_the_entry(
    plan: EntryPlan, how: str | None, words: tuple[str, ...]
) -> None:
    job = _prepare(plan, how).job
    assert job is not None
    assert CODEX.command_line(job, False) == ("codex", "mcp", "add", "x", *words)
    assert CODEX.command_line(job, True) == ()


@pytest.mark.parametrize(
    ("plan", "how"), [(REMOTE, "env"), (REMOTE, "inline"), (STDIO, "env"), (DUAL, "helper")]
)
def test_its_own_command_cannot_say_more(plan: EntryPlan, how: str) -> None:
    job = _prepare(plan, how).job
    assert job is not None
    assert CODEX.command_line(job, False) == ()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('url = "u"\nbearer_token = "x"', "it has a `bearer_token`"),
        ('url = "u"\ncommand = "x"', "it has a `command`, with which it takes no `url`"),
        ('url = "u"\nenv = {}', "it has a `url`, with which it takes no `env`"),
        ('command = "u"\nenv_http_headers = {}', "it takes no `env_http_headers`"),
        ("args = []", "neither a `url` nor a `command`"),
        ("url = 3", "`url` in it is not a text"),
        ('url = "u"\nhttp_headers = ["a"]', "`http_headers` in it is not a table"),
        ('url = "u"\nhttp_headers = { A = 1 }', "`http_headers` in it is not an object of texts"),
        ('command = "u"\nargs = [1]', "`args` in it is not a list of texts"),
        ('command = "u"\nenv_vars = [{}]', "`env_vars` in it is not a list of names"),
    ],
)
def test_one_wrong_entry_is_told_as_the_end_of_all(entry: str, says: str) -> None:
    path = _file(f'[mcp_servers.good]\nurl = "{URL}"\n[mcp_servers.bad]\n{entry}\n')
    for name in ("good", "bad"):
        with pytest.raises(FileProblem, match=f"whole file for its entry `bad`, as .*{says}") as caught:
            CODEX.effective(path, name, {})
        assert caught.value.id == "client-file-ignored"
    with pytest.raises(FileProblem, match="whole file for its entry `bad`"):
        _prepare(REMOTE, "env", path=path)


def test_another_clients_key_is_named() -> None:
    with pytest.raises(FileProblem, match="`mcpServers` where Codex wants `mcp_servers`"):
        CODEX.servers(_file("[mcpServers.a]\nurl = 'u'\n"))


def test_an_entry_that_is_switched_off_is_told() -> None:
    with pytest.raises(FileProblem) as caught:
        CODEX.effective(_file(f'[mcp_servers.a]\nurl = "{URL}"\nenabled = false\n'), "a", {})
    assert caught.value.id == "client-entry-off"


def test_a_byte_order_mark_is_taken() -> None:
    assert CODEX.effective(_file(f'\ufeff[mcp_servers.a]\nurl = "{URL}"\n'), "a", {})[0] == Remote(URL)


def test_what_it_passes_over_without_a_word_is_told() -> None:
    path = _file(
        f'[mcp_servers.a]\nurl = "{URL}"\ntype = "http"\nbearer_token_env_var = "GONE"\n'
        'headers = { A = "b" }\nhttp_headers = { "X-A" = "${SET}", "X-B" = "a\\nb" }\n'
    )
    reading = CODEX.read(path, "a", {"SET": "v"})
    entry = reading.entry
    assert isinstance(entry, Remote)
    assert {n: v.reveal() for n, v in entry.headers.items()} == {"X-A": "${SET}"}
    told = "\n".join(note.fact for note in reading.notes)
    for part in (
        "sends `${SET}`",
        "passes over `type`.",
        "passes over `headers`; it takes `http_headers`",
        "leaves out the header `X-B`",
        "does not ask the server at all while GONE is empty or not set",
    ):
        assert part in told
    assert [(r.place, r.state) for r in reading.references] == [
        ("headers.X-A", "literal"),
        ("bearer_token_env_var", "empty"),
    ]


@pytest.mark.row("G5")
def test_servers_in_one_line_are_left_alone_and_the_entry_is_given(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", secrets.token_urlsafe())
    own = home / ".codex/config.toml"
    own.parent.mkdir()
    before = f'mcp_servers = {{ a = {{ url = "{URL}" }} }}\n'
    own.write_text(before, encoding="utf-8")
    assert CODEX.effective(own, "a", {})[0] == Remote(URL)
    connections.save(Connection("mine", "mcp", "own", URL, "bearer", secrets={"token": "env:MINE"}))
    done = run("export", "mine", "--client", "codex", "--yes", "--json")
    assert done.code == 1
    told = done.json["error"]
    assert told["id"] == "file-wrong-shape"
    assert tomllib.loads(told["snippet"]) == {
        "mcp_servers": {"mine": {"url": URL, "bearer_token_env_var": "MINE"}}
    }
    assert own.read_text(encoding="utf-8") == before


@pytest.mark.slow
@pytest.mark.row("G5", "U5")
def test_its_helper_reaches_the_store_with_the_few_variables_that_it_gets(
    run: Run, services: Practice, home: Path
) -> None:
    kept = home / "token"
    kept.write_text(services.services["fleet"].credentials["token"].reveal(), encoding="utf-8")
    kept.chmod(0o600)
    words = [
        "setup",
        "fleet",
        "--environment",
        "practice",
        "--name",
        "mine",
        "--secret",
        f"token=file:{kept}",
    ]
    assert run(*words, "--yes").code == 0
    done = run("export", "mine", "--client", "codex", "--secrets", "helper", "--yes", "--json")
    assert done.code == 0, done.out
    assert done.json["proof"]["answered"] is True
    entry = CODEX.read(home / ".codex/config.toml", "mine", {})
    assert entry.helper.startswith("env ")
    assert entry.helper.endswith(" headers mine")
    assert run("doctor", "codex:mine").code == 0
