"""A renewal that is refused is told apart: for good, for now, or for no fault of the refresh token."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kept_support import AGAIN, current, fails, saved
from rotating_issuer import Issuer, refused

from wizard.oauth import kept, registered, sessions
from wizard.oauth.problems import OAuthProblem
from wizard.secret import Secret


@pytest.mark.parametrize(
    ("answer", "id"),
    [
        (refused("server_error", status=500), "server-error"),
        ((502, b"<html>Bad gateway</html>"), "server-error"),
        (refused("slow_down", status=429), "rate-limited"),
    ],
)
async def test_trouble_at_the_issuer_keeps_the_login(
    issuer: Issuer, answer: tuple[int, Any], id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_PATIENCE", 0.0)
    choice = saved(issuer)
    issuer.instead.append(answer)
    problem = await fails(choice)
    assert problem.id == id
    assert "Try again later." in problem.fix
    held = sessions.read("notes")
    assert held.refused is None
    assert held.login.refresh_token == Secret(issuer.families[0].now)
    assert issuer.live((await current(choice)).access_token.reveal())


async def test_a_busy_issuer_is_asked_again_and_not_more_than_five_times(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_pause", lambda *_: 0.0)
    choice = saved(issuer)
    issuer.instead.extend([refused("temporarily_unavailable", status=503)] * 2)
    await current(choice)
    assert len(issuer.asked) == 3
    kept.keep("notes", issuer.login())
    issuer.instead.extend([refused("temporarily_unavailable", status=503)] * 9)
    assert (await fails(choice)).id == "server-error"
    assert len(issuer.asked) == 3 + sessions.ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "id", "says"),
    [
        (
            refused("invalid_grant"),
            "refresh-token-expired-or-revoked",
            "has expired, was revoked, or was used up",
        ),
        (
            refused("invalid_grant", "Token has been expired or revoked."),
            "refresh-token-expired-or-revoked",
            "used up",
        ),
        (
            refused("invalid_grant", "AADSTS700082: inactive for 90 days"),
            "refresh-token-expired-or-revoked",
            "expired",
        ),
        (
            refused("invalid_grant", "Refresh token expired", 401),
            "refresh-token-expired-or-revoked",
            "has expired",
        ),
        (
            refused("invalid_grant", "AADSTS50173: TokensValidFrom"),
            "refresh-token-expired-or-revoked",
            "revoked",
        ),
        (
            refused("invalid_grant", "Stale token"),
            "refresh-token-reused-by-concurrent-processes",
            "used before",
        ),
        (
            refused("invalid_grant", "Maximum allowed refresh token reuse exceeded"),
            "refresh-token-reused-by-concurrent-processes",
            "used before",
        ),
        (refused("invalid_grant", "Session not active"), "idp-sso-session-idle-or-ended", "session"),
        (refused("invalid_grant", "Token is not active"), "idp-sso-session-idle-or-ended", "session"),
        (
            refused("invalid_grant", "Invalid refresh token. Token client and authorized client don't match"),
            "refresh-token-of-another-client",
            "another client",
        ),
        (refused("invalid_grant", "User disabled", 400), "token-revoked-or-user-disabled", "disabled"),
        (
            refused("invalid_request", 'Invalid "refresh_token" in request.'),
            "refresh-token-expired-or-revoked",
            "",
        ),
        (refused("invalid_request", "token has expired"), "refresh-token-expired-or-revoked", "expired"),
        ((200, {"error": "bad_refresh_token"}), "refresh-token-expired-or-revoked", ""),
        ((200, {"ok": False, "error": "invalid_refresh_token"}), "refresh-token-expired-or-revoked", ""),
    ],
)
async def test_a_refusal_for_good_is_told_apart_and_not_asked_for_again(
    issuer: Issuer, answer: tuple[int, Any], id: str, says: str
) -> None:
    choice = saved(issuer)
    issuer.instead.append(answer)
    problem = await fails(choice)
    assert isinstance(problem, OAuthProblem)
    assert problem.id == id
    assert says in problem.title
    assert problem.fix[0] == AGAIN
    assert str(answer[0]) in problem.evidence[0].fact
    again = await fails(choice)
    assert (again.id, again.title, again.fix) == (problem.id, problem.title, (AGAIN,))
    assert len(issuer.asked) == 1, "a dead refresh token is not sent again and again"
    kept.keep("notes", issuer.login())
    await current(choice)


@pytest.mark.parametrize("code", ["invalid_request", "access_denied"])
async def test_the_wrong_code_is_named(issuer: Issuer, code: str) -> None:
    choice = saved(issuer)
    issuer.instead.append(refused(code, "refresh token not found"))
    problem = await fails(choice)
    assert isinstance(problem, OAuthProblem)
    assert any(f"says {code} where RFC 6749" in e.fact for e in problem.evidence)


@pytest.mark.parametrize(
    ("answer", "id", "login"),
    [
        (refused("invalid_client", status=401), "client-secret-wrong-or-id-instead-of-value", {}),
        (refused("invalid_client", status=401), "stale-dynamic-client", {"registration": "dynamic"}),
        (refused("invalid_client", "AADSTS7000222: expired"), "client-secret-expired", {}),
        (refused("invalid_client", "AADSTS7000218: client_secret"), "public-client-flow-secret-required", {}),
        (refused("invalid_client", "AADSTS700025: public"), "public-client-must-not-send-secret", {}),
        (refused("unauthorized_client"), "client-grant-not-allowed", {}),
        (
            refused("invalid_grant", "Invalid token issuer. Expected 'http://localhost:8080/realms/r'"),
            "refresh-issuer-mismatch-keycloak",
            {},
        ),
        (refused("invalid_request", "Missing parameter: refresh_token"), "token-request-refused", {}),
        (refused("invalid_target"), "token-request-refused", {}),
        ((404, b"<html>not here</html>"), "token-request-refused", {}),
    ],
)
async def test_what_is_no_fault_of_the_refresh_token_keeps_it(
    issuer: Issuer, answer: tuple[int, Any], id: str, login: dict[str, Any]
) -> None:
    choice = saved(issuer, issuer.login(**login))
    issuer.instead.append(answer)
    problem = await fails(choice)
    assert problem.id == id
    assert sessions.read("notes").refused is None
    assert issuer.live((await current(choice)).access_token.reveal()), "once the fault is mended, it goes on"


async def test_a_client_that_the_issuer_forgot_is_registered_anew_at_the_next_login(issuer: Issuer) -> None:
    choice = saved(issuer)
    registered.put(registered.Registered(issuer.url, "client", "http://127.0.0.1:3334/callback"))
    registered.put(registered.Registered("https://other.example", "client", "http://127.0.0.1:3334/callback"))
    issuer.instead.append(refused("invalid_client", status=401))
    problem = await fails(choice)
    assert (problem.id, problem.fix) == (
        "stale-dynamic-client",
        ("Log in again, which registers a new one: authwizard login notes",),
    )
    assert [client.issuer for client in registered.listed()] == ["https://other.example"]


async def test_a_google_app_in_testing_ends_after_a_week(issuer: Issuer) -> None:
    login = issuer.login(issuer="https://accounts.google.com")
    choice = saved(issuer, login)
    week = time.time() - 7 * 86400
    kept.put("notes", kept.fresh(login, made_at=week))
    issuer.instead.append(refused("invalid_grant", "Token has been expired or revoked."))
    assert (await fails(choice)).id == "google-testing-mode-7-day-refresh"
