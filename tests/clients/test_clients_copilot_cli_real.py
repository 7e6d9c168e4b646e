"""The real Copilot CLI: what a reading says equals what arrived, which file wins, what its own command writes, and the
login that it begins by itself."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.judges.copilot_cli import JUDGE, program, quiet, trust
from support.judging import Bench, child, noting, record
from support.own_logins import OFFERED, Login, own_login

from wizard import export
from wizard.clients.known.copilot_cli import CLIENT
from wizard.entries import EntryPlan, OwnLogin, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem

pytestmark = pytest.mark.real("copilot")

SLOT = Slot("token", "A_TOKEN")


def _asked(home: Path, environ: dict[str, str], reached: Callable[[], bool]) -> str:
    trust(home, home / "project")
    bench = Bench(home, None, False, environ)
    return bench.run([program(), "-p", "hi"], quiet(), timeout=90, until=reached)


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
        "X-Spaced": "${ SET}",
    }
    environ = {"SET": secrets.token_urlsafe(), "EMPTY": "", "TWICE": "${SET}q$GONE"}
    command, log = child(tmp_path)
    with noting() as (url, arrived):
        path = _file(
            str(home / ".copilot/mcp-config.json"),
            {
                "x": {"url": f"{url}?key=$SET&other=${{GONE}}", "headers": headers},
                "y": {
                    **{"type": "local", "command": command[0], "args": [*command[1:], "$SET", "${GONE}"]},
                    "env": {"ONE": "$SET", "TWO": "a${GONE}b"},
                },
            },
        )
        says = _asked(home, environ, lambda: bool(arrived) and log.exists())
        assert arrived and log.exists(), says
        remote, _ = CLIENT.effective(path, "x", environ)
        started, _ = CLIENT.effective(path, "y", environ)
    assert isinstance(remote, Remote) and isinstance(started, Stdio)
    sent = arrived[0]
    assert {n: sent.headers[n.lower()] for n in headers} == {n: v.reveal() for n, v in remote.headers.items()}
    assert sent.query == {n: v.reveal() for n, v in remote.query.items()}
    held = json.loads(log.read_text(encoding="utf-8"))
    assert {n: held[n] for n in started.env} == {n: v.reveal() for n, v in started.env.items()}


def test_an_argument_is_what_the_reading_says(home: Path) -> None:
    noted = home / "noted"
    script = home / "note.sh"
    script.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{noted}.part"\nmv "{noted}.part" "{noted}"\n', encoding="utf-8"
    )
    script.chmod(0o700)
    environ = {"SET": "v", "TOOL": str(script)}
    entry = {"type": "local", "command": "${TOOL}", "args": ["$SET", "${GONE}", "${GONE:-d}"]}
    path = _file(str(home / ".copilot/mcp-config.json"), {"y": entry})
    says = _asked(home, environ, noted.exists)
    started, _ = CLIENT.effective(path, "y", environ)
    assert isinstance(started, Stdio)
    assert noted.exists(), says
    assert (str(script), *noted.read_text(encoding="utf-8").splitlines()) == started.command


def test_of_one_name_one_entry_is_taken_whole(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    (home / "project" / "sub").mkdir()
    files = {
        **{"sub/.mcp.json": "Inner", str(home / ".copilot/mcp-config.json"): "User"},
        **{".mcp.json": "Outer", ".github/mcp.json": "Hub"},
    }
    with noting() as (url, arrived):
        written = [
            _file(f, {"x": {"type": "http", "url": url, "headers": {f"X-{n}": n}}}) for f, n in files.items()
        ]
        monkeypatch.chdir("sub")
        assert [s.path for s in CLIENT.scopes() if s.path.exists()] == written
        while written:
            arrived.clear()
            says = _asked(home, {}, lambda: bool(arrived))
            assert arrived, says
            winner = next(s for s in CLIENT.scopes() if s.path.exists())
            read, _ = winner.client.effective(winner.path, "x", {})
            assert isinstance(read, Remote)
            got = {
                n: v
                for n, v in arrived[0].headers.items()
                if n.removeprefix("x-") in ("inner", "outer", "hub", "user")
            }
            assert got == {n.lower(): v.reveal() for n, v in read.headers.items()}, winner.path
            written.pop(0).unlink()


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "http", "headers": {"A": 1}},
        {"type": "http", "disabled": True},
        {"type": "streamable"},
    ],
    ids=["number", "off", "type"],
)
def test_what_is_said_not_to_be_used_is_not(entry: dict[str, Any], home: Path) -> None:
    with noting() as (url, arrived), noting() as (other, seen):
        path = _file(
            str(home / ".copilot/mcp-config.json"),
            {"x": {"url": url, **entry}, "y": {"type": "http", "url": other}},
        )
        says = _asked(home, {}, lambda: len(seen) > 2)
        assert seen and not arrived, says
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
    change = export.prepare(plan, "c", "copilot-cli", project=False, path=None, how="env", secrets={})
    assert change.job and change.path
    words = CLIENT.command_line(change.job, False)
    says = Bench(home, None, False).run([program(), *words[1:]], quiet())
    assert change.path.exists(), says
    wanted = json.loads(change.after or b"{}")["mcpServers"]["made"]
    found = json.loads(change.path.read_text(encoding="utf-8"))["mcpServers"]["made"]
    assert {"args": [], **found} == {"args": [], **wanted}


@pytest.mark.real("copilot", "tmux")
@pytest.mark.parametrize("wanted", [OwnLogin("given-1"), OwnLogin()], ids=["own", "registered"])
def test_the_login_that_it_begins_in_its_terminal_is_the_right_one(wanted: OwnLogin, home: Path) -> None:
    trust(home, home / "project")
    with own_login("copilot-cli", wanted, home, (program(),), quiet()) as login:
        _is_right(login, address := login.address())
        login.granted(address)
        _told_to_log_in(login)
        _is_right(login, login.address("prompt=select_account"))
    record(JUDGE, login="own" if wanted.client_id else "registered")


def _is_right(login: Login, address: str) -> None:
    sent = login.request(address)
    back = urlsplit(sent["redirect_uri"])
    assert (back.scheme, back.hostname, back.path) == ("http", "127.0.0.1", "/")
    assert sent["scope"] == " ".join(OFFERED)


def _told_to_log_in(login: Login) -> None:
    """It began a login when it was started, and begins another when it is told to, but not while it still starts."""
    for _ in range(10):
        login.command("/mcp auth x")
        with contextlib.suppress(AssertionError):
            login.terminal.until("Authenticating: x", 5)
            return
    raise AssertionError(login.terminal.screen())
