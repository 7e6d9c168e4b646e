"""``login``, ``logout``, ``refresh``, and what a login is used for: ``headers``, ``exec``, ``secret``."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from rotating_issuer import Issuer, refused
from servers.real import free_port
from support.running import Put, Run

from wizard import connections
from wizard.connections import Connection
from wizard.oauth import kept, registered, sessions
from wizard.secret import Secret

BROWSER = f"{sys.executable} {Path(__file__).with_name('follow_browser.py')} %s"
ROOT = Path(__file__).parents[2]
ROUNDS = 50 if os.environ.get("AUTHWIZARD_CI_LONG") else 2
"""All of them in `.ci/run`'s long part."""
PORT = ("--port", str(free_port()))
"""The usual one may be taken by another login on this machine."""


@pytest.fixture(autouse=True)
def _browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", BROWSER)


def connect(issuer: Issuer, name: str = "notes", method: str = "authorization_code") -> None:
    connections.save(Connection(name, "mcp", "own", issuer.mcp, method))


def ended(name: str = "notes") -> None:
    """Let the access token of a kept login have ended."""
    held = sessions.read(name)
    kept.put(name, replace(held, login=replace(held.login, expires_at=time.time() - 1)))


def tokens(issuer: Issuer) -> list[str]:
    return [t for f in issuer.families for t in (f.access, f.now, *f.used)]


@pytest.mark.row("A1")
def test_a_login_is_made_kept_used_renewed_and_ended(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    done = run("login", "notes", "--json", "--timeout", "60", *PORT)
    assert done.code == 0, done.err
    found = done.json
    assert found["issuer"] == issuer.url
    assert found["granted_scopes"] == ["read"]
    assert 3500 < found["seconds_left"] <= 3600
    assert (found["renewable"], found["shared"], found["schema"]) == (True, False, 1)
    place = Path(found["kept_in"].removeprefix("file:"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600

    first = run("headers", "notes")
    assert json.loads(first.out) == {"Authorization": f"Bearer {issuer.families[0].access}"}
    assert issuer.grants == 0
    ended()
    second = run("headers", "notes")
    assert json.loads(second.out) == {"Authorization": f"Bearer {issuer.families[0].access}"}
    assert second.out != first.out
    assert run("headers", "notes").out == second.out
    assert issuer.grants == 1

    renewed = run("refresh", "notes", "--json")
    (one,) = renewed.json["connections"]
    assert (one["name"], one["ok"], one["done"], one["rotated"]) == ("notes", True, "renewed", True)
    assert issuer.grants == 2

    gone = run("logout", "notes", "--json")
    assert gone.code == 0
    assert gone.json["revocation"] == "advertised"
    assert [(r["token"], r["ok"]) for r in gone.json["revoked"]] == [
        ("refresh_token", True),
        ("access_token", True),
    ]
    assert [f["token_type_hint"] for f in issuer.revoked] == ["refresh_token", "access_token"]
    assert issuer.revoked[0]["token"] == issuer.families[0].now
    assert issuer.revoked[0]["client_id"] == registered.listed()[0].client_id
    assert not place.exists()
    assert "login" not in connections.get("notes").secrets
    after = run("headers", "notes")
    assert (after.code, after.out) == (1, "")
    assert "authwizard login notes" in after.err

    said = "".join(r.out + r.err for r in (done, renewed, gone, after))
    assert not [t for t in tokens(issuer) if t in said]


@pytest.mark.row("A1")
def test_a_second_login_uses_the_same_client_and_replaces_the_first(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    assert run("login", "notes", *PORT).code == 0
    held = sessions.read("notes")
    kept.put("notes", replace(held, made_at=held.made_at - 60))
    done = run("login", "notes", *PORT)
    assert done.code == 0, done.err
    assert "granted scopes: read" in done.out
    assert (issuer.registrations, issuer.logins) == (1, 2)
    assert sessions.read("notes").login.refresh_token == Secret(issuer.families[1].now)


def test_exec_and_secret_get_the_token_of_now(issuer: Issuer, run: Run, tmp_path: Path) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    printed = subprocess.run(
        [
            sys.executable,
            "-m",
            "wizard",
            "exec",
            "notes",
            "--",
            sys.executable,
            "-c",
            "import os; print(os.environ)",
        ],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert issuer.families[0].access in printed.stdout
    assert issuer.families[0].now not in printed.stdout, "the program gets no refresh token"
    for words in (("access_token",), ()):
        assert run("secret", "notes", *words).out == f"{issuer.families[0].access}\n"
    assert issuer.grants == 1


def test_a_client_that_waits_for_its_headers_waits_for_no_http_library(issuer: Issuer) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login(expires_at=time.time() + 3600))
    code = (
        "import sys; from commands.main import main; assert main(['headers', 'notes']) == 0;"
        "print({'httpx', 'asyncio', 'authlib', 'cryptography'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert issuer.families[0].access in done.stdout
    assert done.stderr == "set()\n"
    assert issuer.asked == []


def test_a_rehearsal_uses_nothing_up(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    before = sessions.read("notes")
    done = run("refresh", "notes", "--rehearse", "--json")
    (one,) = done.json["connections"]
    assert done.code == 0, done.out
    assert one["done"] == "rehearsed"
    assert [s["id"] for s in one["steps"]] == ["login", "place", "metadata", "request"]
    assert all(s["ok"] for s in one["steps"])
    assert issuer.asked == []
    assert sessions.read("notes") == before
    shown = run("refresh", "notes", "--rehearse")
    assert f"POST {issuer.url}/token" in shown.out
    assert not [t for t in tokens(issuer) if t in done.out + shown.out]


def test_a_rehearsal_finds_what_stands_in_the_way(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login(endpoints={"token_endpoint": f"{issuer.url}/former"}))
    done = run("refresh", "notes", "--rehearse", "--json")
    steps = {s["id"]: s for s in done.json["connections"][0]["steps"]}
    assert done.code == 1
    assert steps["metadata"]["ok"] is False
    kept.keep("notes", issuer.login(refresh_token=None))
    steps = {
        s["id"]: s for s in run("refresh", "notes", "--rehearse", "--json").json["connections"][0]["steps"]
    }
    assert steps["login"]["ok"] is False


def test_all_of_them_and_each_failure_by_its_name(issuer: Issuer, run: Run) -> None:
    for name in ("one", "two"):
        connect(issuer, name)
        kept.keep(name, issuer.login())
    connections.save(Connection("three", "mcp", "own", issuer.mcp, "none"))
    issuer.instead.append(refused("invalid_grant", "Session not active"))
    done = run("refresh", "--all", "--json")
    assert done.code == 1
    first, second = done.json["connections"]
    assert (first["name"], first["ok"], first["error"]["id"]) == (
        "one",
        False,
        "idp-sso-session-idle-or-ended",
    )
    assert (second["name"], second["ok"], second["done"]) == ("two", True, "renewed")
    alone = run("refresh", "one", "--json")
    assert alone.code == 0, "whoever asks for it by name wants it tried again"


def test_a_single_failure_is_the_contracts_error(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    issuer.instead.append(refused("invalid_grant", "Refresh token expired"))
    done = run("refresh", "notes", "--json")
    assert done.code == 1
    assert done.json["error"]["id"] == "refresh-token-expired-or-revoked"
    assert done.json["error"]["fix"][0] == "Log in again: authwizard login notes"
    shown = run("headers", "notes")
    assert (shown.code, shown.out) == (1, "")
    assert "authwizard login notes" in shown.err
    assert len(issuer.asked) == 1


@pytest.mark.parametrize(
    ("words", "id"),
    [
        (("refresh",), "wrong-usage"),
        (("refresh", "notes", "--all"), "wrong-usage"),
        (("refresh", "notes"), "not-logged-in"),
        (("refresh", "open"), "no-login"),
        (("login", "open"), "no-login"),
        (("login", "nobody"), "unknown-connection"),
        (("login", "notes", "--port", "none"), "port-invalid"),
    ],
)
def test_wrong_usage(issuer: Issuer, run: Run, words: tuple[str, ...], id: str) -> None:
    connect(issuer)
    connections.save(Connection("open", "mcp", "own", issuer.mcp, "none"))
    done = run(*words, "--json")
    assert (done.code, done.json["error"]["id"]) == (2, id)


def test_a_set_up_that_would_keep_a_login_in_a_variable_is_refused_before_it(
    issuer: Issuer, run: Run
) -> None:
    words = ("--url", issuer.mcp, "--environment", "own", "--method", "authorization_code", "--store", "env")
    done = run("setup", "mcp", "--name", "notes", *words, "--yes", "--json")
    assert done.code == 2
    assert "A login cannot be kept in an environment variable." in done.out
    assert (issuer.registrations, issuer.logins) == (0, 0)


def test_a_credential_that_is_given_stands_in_for_the_access_token(
    issuer: Issuer, run: Run, put: Put
) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    done = run("test", "notes", "--credential", put(issuer.families[0].access), "--json")
    steps = {s["id"]: s for s in done.json["steps"]}
    assert steps["credential"]["seen"] == "200"
    assert issuer.asked == [], "the login that is kept is left alone"


def test_where_nothing_is_revoked_it_says_so(issuer: Issuer, run: Run) -> None:
    issuer.left_out.add("revocation_endpoint")
    connect(issuer)
    kept.keep("notes", issuer.login())
    done = run("logout", "notes", "--json")
    assert done.code == 0
    assert (done.json["revocation"], done.json["revoked"]) == ("not advertised", [])
    assert "login" not in connections.get("notes").secrets
    kept.keep("notes", issuer.login())
    assert "names no place to revoke tokens at" in run("logout", "notes").out
    assert run("logout", "notes", "--json").json["error"]["id"] == "not-logged-in"


@pytest.mark.parametrize(
    ("error", "gone"), [("invalid_token", True), ("invalid_client", False), ("not_authed", False)]
)
def test_a_token_that_has_ended_already_needs_no_revoking(
    error: str, gone: bool, issuer: Issuer, run: Run
) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    issuer.told += [(200, b""), (200, {"error": error})]
    done = run("logout", "notes", "--json")
    assert [r["ok"] for r in done.json["revoked"]] == [True, gone], done.out
    assert done.code == (0 if gone else 1)


def test_an_issuer_that_does_not_take_it_is_named_and_the_login_forgotten(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    endpoints = {"token_endpoint": f"{issuer.url}/token", "revocation_endpoint": "http://127.0.0.1:1/revoke"}
    kept.keep("notes", issuer.login(endpoints=endpoints))
    done = run("logout", "notes", "--json")
    assert done.code == 1
    assert all(not r["ok"] and r["says"] for r in done.json["revoked"])
    assert "login" not in connections.get("notes").secrets


def test_a_login_that_cannot_be_read_can_still_be_thrown_away_and_made_anew(issuer: Issuer, run: Run) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    place = Path(connections.get("notes").secrets["login"].removeprefix("file:"))
    place.write_text(place.read_text()[:-40])
    broken = run("headers", "notes")
    assert broken.code == 1
    assert run("logout", "notes").code == 0
    assert run("login", "notes", *PORT).code == 0
    assert run("headers", "notes").code == 0


def test_a_login_that_is_not_finished_keeps_nothing(
    issuer: Issuer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", f"{sys.executable} -c pass")
    connect(issuer)
    done = run("login", "notes", "--timeout", "1", "--json", *PORT)
    assert done.code == 1
    assert "login" not in connections.get("notes").secrets
    assert registered.listed(), "the client that was registered is used the next time"
    run("login", "notes", "--timeout", "1", *PORT)
    assert not registered.listed(), "and if that comes to nothing as well, another one is"
    assert issuer.registrations == 1


def test_without_a_browser_the_address_is_shown(issuer: Issuer) -> None:
    connect(issuer)
    process = subprocess.Popen(
        [sys.executable, "-m", "wizard", "login", "notes", "--no-browser", "--json", *PORT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    shown = next(line for line in process.stderr if f"{issuer.url}/authorize" in line)
    httpx.get(shown[shown.index(issuer.url) :].strip(), follow_redirects=True, trust_env=False, timeout=30)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out)["connection"] == "notes"


def both(*words: str, count: int = 2) -> list[tuple[int, str, str]]:
    """The same command in several processes, started at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "wizard", *words],
            cwd=ROOT,
            env={**os.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    said = [p.communicate(timeout=60) for p in started]
    return [(p.returncode, out, err) for p, (out, err) in zip(started, said, strict=True)]


@pytest.mark.slow
@pytest.mark.row("A1")
def test_two_programs_at_once_share_one_refresh_and_lose_no_token(issuer: Issuer) -> None:
    connect(issuer)
    kept.keep("notes", issuer.login())
    for number in range(1, ROUNDS + 1):
        ended()
        done = both("headers", "notes")
        access = issuer.families[0].access
        assert [(code, out) for code, out, _ in done] == [
            (0, f'{{"Authorization": "Bearer {access}"}}\n')
        ] * 2, done
        assert (issuer.grants, issuer.reuses) == (number, 0)
        assert sessions.read("notes").login.refresh_token == Secret(issuer.families[0].now)


@pytest.mark.slow
@pytest.mark.row("A1")
def test_two_programs_at_once_share_one_login_and_one_registration(issuer: Issuer) -> None:
    for number in range(1, ROUNDS + 1):
        name = f"notes-{number}"
        connect(issuer, name)
        done = both("login", name, "--json", "--timeout", "60", *PORT)
        assert [code for code, _, _ in done] == [0, 0], done
        assert sorted(json.loads(out)["shared"] for _, out, _ in done) == [False, True]
        assert (issuer.registrations, issuer.logins) == (1, number)
        assert sessions.read(name).login.refresh_token == Secret(issuer.families[-1].now)
