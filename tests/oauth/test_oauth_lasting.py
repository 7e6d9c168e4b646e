"""What is said of a login that is kept, or wanted: how long it lasts, and what a connection has because of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

import pytest
from kept_support import saved
from rotating_issuer import Issuer
from support.running import Run

from sandbox.practice import Practice
from wizard import connections
from wizard.connections import Connection
from wizard.oauth import kept, sessions
from wizard.oauth.model import Login
from wizard.secret import Secret

pytestmark = pytest.mark.row("F8")


def lasting(services: Practice, refresh_token: Secret | None) -> None:
    """A login whose access token is good for nine minutes more."""
    ends = int(time.time()) + 540
    url = services.services["mcp"].url
    connections.save(Connection("notes", "mcp", "own", url, "authorization_code"))
    login = Login(
        "https://issuer.invalid", "client", services.issue_jwt(exp=ends), refresh_token=refresh_token
    )
    kept.keep("notes", replace(login, expires_at=float(ends)), store="file")


def another() -> Secret:
    return Secret(secrets.token_urlsafe(24))


def test_a_login_that_is_renewed_by_itself_is_not_warned_of(services: Practice, run: Run) -> None:
    lasting(services, another())
    done = run("doctor", "notes", "--json")
    assert (done.code, done.json["verdict"], done.warnings) == (0, "healthy", []), done.out


def test_a_login_without_a_refresh_token_is_warned_of(services: Practice, run: Run) -> None:
    lasting(services, None)
    done = run("doctor", "notes", "--json")
    (warned,) = done.json["warnings"]
    assert (done.code, warned["cause"]) == (0, "token-expires-soon")
    assert "cannot be renewed" in warned["title"]
    assert warned["fix"] == ["Log in again: authwizard login notes"]


def test_a_login_whose_renewal_was_refused_is_warned_of_while_its_token_is_good(
    services: Practice, run: Run
) -> None:
    lasting(services, another())
    said = "The login has ended at the identity provider."
    held = sessions.read("notes")
    kept.put("notes", replace(held, refused=kept.Refusal("refresh-token-expired-or-revoked", said)))
    done = run("doctor", "notes", "--json")
    (warned,) = done.json["warnings"]
    assert (done.code, warned["cause"]) == (0, "token-expires-soon")
    assert said in [e["fact"] for e in warned["evidence"]]


def test_the_bare_address_of_a_server_that_wants_a_login_says_how_to_log_in(issuer: Issuer, run: Run) -> None:
    done = run("doctor", issuer.mcp, "--json")
    (warned,) = done.json["warnings"]
    assert (done.code, done.json["verdict"], warned["cause"]) == (
        0,
        "healthy",
        "authorization-header-missing",
    )
    assert "wants a login" in warned["title"]
    assert any(issuer.url in e["fact"] for e in warned["evidence"])
    fix = " ".join(warned["fix"])
    assert f"authwizard test {issuer.mcp}" in fix
    assert f"authwizard setup mcp --url {issuer.mcp}" in fix


def test_a_field_that_a_login_does_not_have_is_answered_with_those_it_has(
    services: Practice, run: Run
) -> None:
    lasting(services, another())
    done = run("secret", "notes", "nosuch")
    assert done.code == 2
    assert "has no such secret" in done.err and "It has: access_token, login." in done.err
    assert "needs none" not in done.err


def test_a_rehearsal_says_what_it_did_not_try(issuer: Issuer, run: Run) -> None:
    saved(issuer)
    done = run("refresh", "notes", "--rehearse")
    assert done.code == 0, done.err
    assert "the refresh token itself was not tried" in done.out
