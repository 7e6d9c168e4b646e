"""The real OpenCode: what a reading says equals what arrived, what it refuses, and how it logs in by itself."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from servers.real import free_port
from support.authorizing import authorizing, browser
from support.judges.opencode import JUDGE, QUIET, program
from support.judging import Bench, noting, record

from wizard import clients, export
from wizard.entries import OwnLogin, Remote, RemotePlan, Slot, StdioPlan
from wizard.errors import FileProblem
from wizard.secret import Secret

pytestmark = pytest.mark.real("opencode")

OPENCODE = clients.get("opencode")


def _listed(home: Path, environ: dict[str, str]) -> str:
    return Bench(home, None, False, environ).run([program(), "mcp", "list"], QUIET)


def _file(name: str, entry: dict[str, Any]) -> Path:
    path = Path(name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mcp": {"x": entry}}), encoding="utf-8")
    return path


def test_what_arrives_is_what_the_reading_says(home: Path) -> None:
    (home / "held").write_text("from a file\n", encoding="utf-8")
    headers = {
        **{"X-Set": "a {env:SET} b", "X-Unset": "a{env:GONE}b", "X-Empty": "a{env:EMPTY}b"},
        **{"X-Twice": "{env:TWICE}", "X-Foreign": "${SET} ${env:SET} $SET", "X-File": "{file:~/held}"},
        "X-Escaped": "{env:ESCAPED}",
    }
    twice = "{env:SET}"
    environ = {"SET": secrets.token_urlsafe(), "EMPTY": "", "TWICE": twice, "ESCAPED": r"\u0041\/b"}
    with noting() as (url, arrived):
        path = _file("opencode.json", {"type": "remote", "url": f"{url}?key={{env:SET}}", "headers": headers})
        says = _listed(home, environ)
        assert arrived, says
        entry, _ = OPENCODE.effective(path, "x", environ)
    assert isinstance(entry, Remote)
    assert {n: arrived[0].headers[n.lower()] for n in headers} == {
        n: v.reveal() for n, v in entry.headers.items()
    }
    assert arrived[0].query == {n: v.reveal() for n, v in entry.query.items()} == {"key": environ["SET"]}


def test_entries_of_one_name_are_merged_over_its_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def entry(name: str) -> dict[str, Any]:
        return {"type": "remote", "url": url, "headers": {"X-Last": name, f"X-{name}": "1"}}

    with noting() as (url, arrived):
        (home / "project" / "sub").mkdir()
        monkeypatch.setenv("OPENCODE_CONFIG", str(_file("named.json", entry("Named"))))
        files = {
            **{str(home / ".config/opencode/opencode.json"): "User", "opencode.json": "Outer"},
            **{"sub/opencode.json": "Inner", "sub/.opencode/opencode.json": "Deep"},
            ".opencode/opencode.json": "High",
        }
        for file, name in files.items():
            _file(file, entry(name))
        monkeypatch.chdir("sub")
        says = _listed(home, {})
        assert arrived, says
        winner = next(s for s in OPENCODE.scopes() if s.path.exists())
        read, _ = winner.client.effective(winner.path, "x", {})
    assert isinstance(read, Remote)
    assert {n: arrived[0].headers.get(n.lower()) for n in read.headers} == {
        n: v.reveal() for n, v in read.headers.items()
    }
    assert len(read.headers) == 7


@pytest.mark.parametrize(
    ("entry", "environ"),
    [
        ({"url": "http://127.0.0.1:9/mcp"}, {}),
        ({"type": "http", "url": "http://127.0.0.1:9/mcp"}, {}),
        ({"type": "remote", "url": "http://127.0.0.1:9/mcp", "headers": {"A": 1}}, {}),
        ({"type": "local", "command": "true"}, {}),
        ({"type": "remote", "url": "http://127.0.0.1:9/mcp", "headers": {"A": "{env:V}"}}, {"V": 'a"b'}),
        ({"type": "remote", "url": "http://127.0.0.1:9/mcp", "headers": {"A": "{file:gone}"}}, {}),
    ],
)
def test_what_is_said_to_break_a_file_does(
    entry: dict[str, Any], environ: dict[str, str], home: Path
) -> None:
    path = _file("opencode.json", entry)
    assert "Error" in _listed(home, environ)
    with pytest.raises(FileProblem):
        OPENCODE.effective(path, "x", environ)


def test_its_own_command_makes_the_entry_that_is_written(home: Path) -> None:
    slot = Slot("token", "A_TOKEN")
    plan = StdioPlan("made", ("some-program", "a b", "--flag"), {"A": ("x", slot), "B": ("c d",)})
    change = export.prepare(plan, "c", "opencode", project=False, path=None, how="env", secrets={})
    assert change.job and change.path
    words = OPENCODE.command_line(change.job, False)
    says = Bench(home, None, False).run([program(), *words[1:]], QUIET)
    assert change.path.exists(), says
    written = json.loads(change.after or b"{}")["mcp"]
    assert json.loads(change.path.read_text(encoding="utf-8"))["mcp"] == written


@pytest.mark.parametrize("login", [OwnLogin("given-1", 0, ("read", "write")), OwnLogin()])
def test_the_login_that_it_begins_by_itself_is_the_right_one(login: OwnLogin, home: Path) -> None:
    port = free_port()
    login = OwnLogin(login.client_id, port, login.scopes) if login.client_id else login
    with authorizing() as (url, asked):
        plan = RemotePlan("x", url, {"Authorization": ("Bearer ", Slot("token", "A_TOKEN"))}, login=login)
        given = {"token": Secret(secrets.token_urlsafe())}
        export.write(
            export.prepare(plan, "c", "opencode", project=False, path=None, how="oauth", secrets=given)
        )
        opened, environ = browser(home)
        says = Bench(home, None, False, environ).run(
            [program(), "mcp", "auth", "x"], QUIET, until=lambda: bool(opened()), timeout=60
        )
        assert opened(), says
        sent = {n: v[0] for n, v in parse_qs(urlsplit(opened()[0]).query).items()}
    assert sent["client_id"] == (login.client_id or "registered-1")
    assert sent["redirect_uri"] == f"http://127.0.0.1:{port if login.client_id else 19876}/mcp/oauth/callback"
    assert (sent["resource"], sent["code_challenge_method"]) == (url, "S256")
    assert sent.get("scope", "") == " ".join(login.scopes)
    assert any(path == "/register" for path in asked) is not bool(login.client_id)
    record(JUDGE, login="own" if login.client_id else "registered")
