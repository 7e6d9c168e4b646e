"""The real Gemini CLI: what a reading says equals what arrived, which file wins, what its own command writes, and the
login that it begins by itself."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers.real import free_port
from support.authorizing import consent
from support.judges.gemini import JUDGE, QUIET, program
from support.judging import Bench, child, noting, record
from support.own_logins import Login, own_login

from wizard import export
from wizard.clients.known.gemini import CLIENT
from wizard.entries import EntryPlan, OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem

pytestmark = pytest.mark.real("gemini")

SLOT = Slot("token", "A_TOKEN")


def _listed(home: Path, environ: dict[str, str], *words: str) -> str:
    return Bench(home, None, False, environ).run([program(), "mcp", *(words or ("list",))], QUIET)


def _file(name: str, servers: dict[str, Any]) -> Path:
    path = Path(name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    return path


def test_what_arrives_is_what_the_reading_says(home: Path, tmp_path: Path) -> None:
    headers = {
        **{
            "X-Set": "a ${SET} $SET b",
            "X-Unset": "a${GONE}b$GONE",
            "X-Empty": "a${EMPTY}b",
            "X-Twice": "$TWICE",
        },
        **{
            "X-Foreign": "{env:SET} ${env:SET}.",
            "X-Default": "${GONE:-d}${EMPTY:-d}",
            "X-Plain": "a$1b $$ %SET%",
        },
        **{"X-Token": "${SOME_TOKEN}", "X-Hidden": "a${HIDES}b", "X-Escaped": "a\\$1"},
    }
    environ = {"SET": secrets.token_urlsafe(), "EMPTY": "", "TWICE": "${SET}q$GONE"}
    environ |= {"SOME_TOKEN": secrets.token_urlsafe(), "HIDES": "${SOME_TOKEN}z"}
    command, log = child(tmp_path)
    with noting() as (url, arrived):
        path = _file(
            ".gemini/settings.json",
            {
                "x": {"httpUrl": f"{url}?key=$SET&other=${{GONE}}", "headers": headers},
                "y": {"command": command[0], "args": command[1:], "env": {"ONE": "$SET", "TWO": "a${GONE}b"}},
            },
        )
        says = _listed(home, environ)
        assert arrived and log.exists(), says
        remote, _ = CLIENT.effective(path, "x", environ)
        started, _ = CLIENT.effective(path, "y", environ)
    assert isinstance(remote, Remote) and isinstance(started, Stdio)
    sent = arrived[0]
    assert {n: sent.headers[n.lower()] for n in headers} == {n: v.reveal() for n, v in remote.headers.items()}
    assert sent.query == {n: v.reveal() for n, v in remote.query.items()}
    held = json.loads(log.read_text(encoding="utf-8"))
    assert {n: held[n] for n in started.env} == {n: v.reveal() for n, v in started.env.items()}
    handed = CLIENT.handed_on(environ)
    assert {n: held.get(n) for n in environ} == {n: handed.get(n) for n in environ}


def test_a_projects_entry_stands_in_the_place_of_the_persons(home: Path) -> None:
    with noting() as (url, arrived):
        for file, name in (
            (str(home / ".gemini/settings.json"), "own"),
            (".gemini/settings.json", "project"),
        ):
            _file(file, {"x": {"url": url, "type": "http", "headers": {f"X-{name}": "1"}}})
        says = _listed(home, {})
        assert arrived, says
    assert arrived[0].headers.get("x-project") == "1" and "x-own" not in arrived[0].headers
    assert next(s for s in CLIENT.scopes() if s.path.exists()).path == Path.cwd() / ".gemini/settings.json"


@pytest.mark.parametrize(
    "text",
    [
        '{"mcpServers": {"x": {"url": "URL"},}}',
        '\ufeff{"mcpServers": {"x": {"url": "URL"}}}',
        '{"mcpServers": {"x": {"url": "URL", "headers": {"A": 1}}}}',
        '{"mcpServers": {"x": {"url": "URL"}}, "mcp": {"excluded": ["x"]}}',
        '{"mcpServers": {"x": {"url": "URL"}}, "mcp": {"allowed": ["y"]}}',
        '{"servers": {"x": {"url": "URL"}}}',
    ],
)
def test_what_is_said_not_to_be_used_is_not(text: str, home: Path) -> None:
    path = home / ".gemini" / "settings.json"
    path.parent.mkdir()
    with noting() as (url, arrived):
        path.write_text(text.replace("URL", url), encoding="utf-8")
        _listed(home, {})
        assert not arrived
    with pytest.raises(FileProblem):
        CLIENT.effective(path, "x", {})


@pytest.mark.parametrize(
    "plan",
    [
        RemotePlan("made", "http://127.0.0.1:9/mcp?k=v", {"A": ("Bearer ", SLOT), "B": ("c, d=e",)}),
        RemotePlan("made", "http://127.0.0.1:9/sse", transport="sse"),
        StdioPlan("made", ("some-program", "a b", "--flag", "-x"), {"A": ("x", SLOT), "B": ("c d",)}),
        StdioPlan("made", ("some-program",)),
    ],
    ids=["remote", "older", "program", "bare"],
)
def test_its_own_command_makes_the_entry_that_is_written(plan: EntryPlan, home: Path) -> None:
    change = export.prepare(plan, "c", "gemini", project=False, path=None, how="env", secrets={})
    assert change.job and change.path
    says = _listed(home, {}, *CLIENT.command_line(change.job, False)[2:])
    assert change.path.exists(), says
    wanted = json.loads(change.after or b"{}")["mcpServers"]["made"]
    found = json.loads(change.path.read_text(encoding="utf-8"))["mcpServers"]["made"]
    assert {"args": [], **found} == {"args": [], **wanted}


@contextlib.contextmanager
def _login(wanted: OwnLogin, home: Path, *, says_iss: bool = True) -> Iterator[Login]:
    """The login that it begins when it is told to, as far as its question."""
    settings = home / ".gemini" / "settings.json"
    settings.parent.mkdir()
    quiet = {"general": {"enableAutoUpdate": False}, "privacy": {"usageStatisticsEnabled": False}}
    chosen = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
    settings.write_text(json.dumps(quiet | chosen), encoding="utf-8")
    more = {n: v for n, v in QUIET.items() if n != "NO_BROWSER"} | {"GEMINI_API_KEY": secrets.token_urlsafe()}
    with own_login("gemini", wanted, home, (program(),), more, says_iss=says_iss) as login:
        login.terminal.until("Type your message", 60)
        login.command("/mcp auth x")
        login.terminal.until("Do you want to continue?", 60)
        login.terminal.press("Enter")
        yield login


@pytest.mark.real("gemini", "tmux")
@pytest.mark.parametrize(
    "wanted",
    [OwnLogin("given-1", 1, ("read", "write")), OwnLogin(), OwnLogin(scopes=("read",))],
    ids=["own", "registered", "scopes"],
)
def test_the_login_that_it_begins_in_its_terminal_is_the_right_one(wanted: OwnLogin, home: Path) -> None:
    wanted = replace(wanted, port=free_port()) if wanted.client_id else wanted
    with _login(wanted, home) as login:
        sent = login.request(address := login.address())
        back = urlsplit(sent["redirect_uri"])
        assert (back.scheme, back.hostname, back.path) == ("http", "localhost", "/oauth/callback")
        assert back.port == wanted.port or not wanted.client_id
        assert sent.get("scope", "") == " ".join(wanted.scopes)
        login.granted(address)
    record(JUDGE, login="own" if wanted.client_id else "registered")


@pytest.mark.real("gemini", "tmux")
def test_it_takes_no_answer_that_does_not_name_who_answers(home: Path) -> None:
    with _login(OwnLogin(), home, says_iss=False) as login:
        assert consent(login.address()) == 400
        login.terminal.until('Missing "iss" parameter', 60)
    assert any("`iss`" in what for what, _ in CLIENT.cannot)
