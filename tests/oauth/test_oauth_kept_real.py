"""Kept logins at real issuers: oidc-provider, whose refresh tokens change and whose families end on reuse; Keycloak."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from servers.keycloak_people import People
from servers.oidc_provider import OpenIdProvider
from servers.protected import Protected
from servers.real import free_port
from support import login_browser
from support.running import Run

from wizard import connections
from wizard.connections import Connection
from wizard.oauth import kept, sessions
from wizard.oauth.model import Login
from wizard.secret import Secret

ROOT = Path(__file__).parents[2]
ROUNDS = 5


@pytest.fixture(autouse=True)
def _browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", f"{sys.executable} {login_browser.__file__}")
    monkeypatch.setenv("LOGIN_USERNAME", "alice")


def ended(name: str = "notes") -> None:
    held = sessions.read(name)
    kept.put(name, replace(held, login=replace(held.login, expires_at=time.time() - 1)))


def signed_in(run: Run, url: str) -> kept.Kept:
    connections.save(Connection("notes", "mcp", "own", url, "authorization_code", scopes=("read",)))
    done = run("login", "notes", "--json", "--timeout", "60", "--port", str(free_port()))
    assert done.code == 0, done.out + done.err
    return sessions.read("notes")


@pytest.mark.real("npm")
@pytest.mark.row("A1")
def test_a_real_family_survives_two_programs_at_once(
    oidc: OpenIdProvider, oidc_protected: Protected, run: Run
) -> None:
    signed_in(run, oidc_protected.url)
    seen = set()
    for _ in range(ROUNDS):
        ended()
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "wizard", "headers", "notes"],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        said = [json.loads(p.communicate(timeout=60)[0]) for p in started]
        assert said[0] == said[1]
        seen.add(said[0]["Authorization"])
    assert len(seen) == ROUNDS, "each round brought a new token, so no family was ended"
    tested = run("test", "notes", "--json")
    assert tested.code == 0, tested.out
    assert oidc.issuer == sessions.read("notes").login.issuer


@pytest.mark.real("npm")
def test_a_copy_of_a_login_ends_it_and_is_told(oidc_protected: Protected, run: Run) -> None:
    former = signed_in(run, oidc_protected.url)
    assert run("refresh", "notes").code == 0
    kept.put("notes", former)
    again = run("refresh", "notes", "--json")
    assert again.code == 1
    assert again.json["error"]["id"] == "refresh-token-expired-or-revoked"
    assert again.json["error"]["fix"][0] == "Log in again: authwizard login notes"
    ended()
    tested = run("test", "notes", "--json")
    assert tested.json["finding"]["cause"] == "refresh-token-expired-or-revoked"


@pytest.mark.real("npm")
def test_after_a_logout_the_issuer_takes_the_tokens_no_more(oidc_protected: Protected, run: Run) -> None:
    held = signed_in(run, oidc_protected.url)
    done = run("logout", "notes", "--json")
    assert done.code == 0, done.out
    first, second = done.json["revoked"]
    assert first == {"token": "refresh_token", "ok": True, "says": ""}
    assert "unsupported_token_type" in second["says"], "its JWTs end by themselves"
    login = held.login
    assert login.refresh_token is not None
    form = {
        "grant_type": "refresh_token",
        "refresh_token": login.refresh_token.reveal(),
        "client_id": login.client_id,
    }
    answer = httpx.post(login.token_endpoint, data=form, trust_env=False)
    assert answer.json()["error"] == "invalid_grant"


def at_keycloak(people: People) -> None:
    """A login as the realm's own public client `admin-cli` has one, which takes a password."""
    form = {
        "grant_type": "password",
        "client_id": "admin-cli",
        "username": "alice",
        "password": people.password("alice").reveal(),
    }
    given = httpx.post(people.token_endpoint, data=form, timeout=30, trust_env=False).json()
    login = Login(
        people.issuer,
        "admin-cli",
        Secret(given["access_token"]),
        refresh_token=Secret(given["refresh_token"]),
        endpoints={"token_endpoint": people.token_endpoint},
    )
    connections.save(Connection("notes", "mcp", "own", "https://mcp.example/mcp", "authorization_code"))
    kept.keep("notes", login)


@pytest.mark.real("java")
def test_keycloak_under_its_other_name_is_named(people: People, run: Run) -> None:
    at_keycloak(people)
    assert run("refresh", "notes").code == 0
    now = sessions.read("notes")
    parts = urlsplit(people.token_endpoint)
    other = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}[parts.hostname or ""]
    elsewhere = parts._replace(netloc=f"{other}:{parts.port}").geturl()
    kept.put("notes", replace(now, login=replace(now.login, endpoints={"token_endpoint": elsewhere})))
    done = run("refresh", "notes", "--json")
    assert done.json["error"]["id"] == "refresh-issuer-mismatch-keycloak", done.out
    kept.put("notes", now)
    assert run("refresh", "notes").code == 0, "the refresh token was not spent by it"


@pytest.mark.real("java")
def test_a_session_that_keycloak_ended_is_named(people: People, run: Run) -> None:
    at_keycloak(people)
    (alice,) = people.admin("GET", "/users?username=alice&exact=true")
    people.admin("POST", f"/users/{alice['id']}/logout", {})
    done = run("refresh", "notes", "--json")
    assert done.json["error"]["id"] == "idp-sso-session-idle-or-ended", done.out
