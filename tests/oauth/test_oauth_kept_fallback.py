"""A login that waits as a connection's fallback: tested, renewed, made anew, and there when it is switched to."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rotating_issuer import Issuer, rotating
from servers.real import free_port
from support.running import Put, Run

from wizard import connections
from wizard.connections import Connection, Fallback
from wizard.names import LOGIN
from wizard.oauth import kept, sessions
from wizard.secret import Secret

BROWSER = f"{sys.executable} {Path(__file__).with_name('follow_browser.py')} %s"
SECOND = "notes --fallback"


@pytest.fixture
def issuer(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """An issuer, and a connection that signs in by a token and has a login there as its fallback."""
    monkeypatch.setenv("BROWSER", BROWSER)
    with rotating() as running:
        token = put(running.login().access_token)
        second = Fallback("authorization_code")
        connections.save(
            Connection("notes", "mcp", "own", running.mcp, "bearer", {}, {"token": token}, fallback=second)
        )
        kept.keep(SECOND, running.login(), store="file")
        yield running


def ended() -> None:
    """Let its access token have ended."""
    held = sessions.read(SECOND)
    kept.put(SECOND, replace(held, login=replace(held.login, expires_at=time.time() - 1)))


@pytest.mark.row("A14", "A1")
def test_it_is_renewed_in_its_place_and_switched_to(issuer: Issuer, run: Run) -> None:
    ended()
    before = connections.get("notes")
    done = run("test", "notes", "--fallback", "--json")
    (token,) = [step for step in done.json["steps"] if step["id"] == "token"]
    assert (token["ok"], issuer.grants) == (True, 1)
    held = sessions.read(SECOND).login
    newest = issuer.families[-1]
    assert (held.access_token, held.refresh_token) == (Secret(newest.access), Secret(newest.now))
    assert connections.get("notes") == before
    assert run("connections", "switch", "notes", "--yes").code == 0
    assert json.loads(run("headers", "notes").out) == {"Authorization": f"Bearer {newest.access}"}
    assert newest.access not in done.out + done.err


@pytest.mark.row("A14")
def test_it_is_logged_in_to_anew(issuer: Issuer, run: Run) -> None:
    own = connections.get("notes").secrets
    kept.put(SECOND, replace(sessions.read(SECOND), made_at=1.0))
    done = run("login", "notes", "--fallback", "--port", str(free_port()), "--json")
    assert done.code == 0, done.err
    assert issuer.logins == 1
    now = connections.get("notes")
    assert now.fallback is not None
    assert (now.secrets, set(now.fallback.secrets)) == (own, {LOGIN})
    assert sessions.read(SECOND).login.refresh_token == Secret(issuer.families[-1].now)


def test_where_there_is_none_nobody_logs_in(issuer: Issuer, run: Run) -> None:
    held = connections.get("notes")

    connections.save(replace(held, fallback=None))
    assert run("login", "notes", "--fallback", "--json").json["error"]["id"] == "no-fallback"


def test_with_all_the_others_it_is_renewed(issuer: Issuer, run: Run) -> None:
    done = run("refresh", "--all", "--json")
    assert [(c["name"], c["done"]) for c in done.json["connections"]] == [(SECOND, "renewed")]
    assert sessions.read(SECOND).login.access_token == Secret(issuer.families[-1].access)


def test_its_file_is_looked_at_as_any(issuer: Issuer, run: Run) -> None:
    second = connections.get("notes").fallback
    assert second is not None
    place = Path(second.secrets[LOGIN].removeprefix("file:"))
    own = place.with_name("given")
    own.write_text("x" * 20, "utf-8")
    own.chmod(0o644)
    elsewhere = place.parents[4] / "given"
    own.rename(elsewhere)
    held = connections.get("notes")
    connections.save(replace(held, fallback=replace(second, secrets={"token": f"file:{elsewhere}"})))
    found = run("files", "--json")
    assert str(elsewhere) in [f["path"] for f in found.json["files"] if not f["ok"]]
