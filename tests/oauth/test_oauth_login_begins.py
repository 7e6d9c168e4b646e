"""Whether an authorization endpoint lets a login begin with a redirect URI, told by its answer alone."""

from __future__ import annotations

import secrets
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard.exchange import Headers, Reply
from wizard.oauth.authorization import RedirectRefused, Request
from wizard.oauth.login_page import refused, told
from wizard.secret import Secret

BACK = "http://127.0.0.1:3334/callback"
ISSUER = "https://id.example.com"
FORM = "<form action=login><input name=user><input type=password></form><script>x='Invalid redirect_uri'</script>"


def asked() -> Request:
    url = f"{ISSUER}/authorize?client_id=mine&redirect_uri={quote(BACK, safe='')}"
    state = Secret(secrets.token_urlsafe(16))
    return Request(Secret(url), ISSUER, BACK, state, state, None, (), "")


def reply(status: int, page: str = "", location: str = "") -> Reply:
    headers = (("Location", location),) if location else ()
    return Reply(status, Headers(headers), page.encode(), f"{ISSUER}/authorize", 1)


@pytest.mark.parametrize(
    ("answer", "judged"),
    [
        (reply(400, "Invalid parameter: redirect_uri"), True),
        (reply(403, "<p>no"), True),
        (reply(500, "<h1>Unregistered redirect_uri</h1>"), True),
        (reply(500, "<h1>Out of memory</h1>"), None),
        (reply(429, "slow down"), None),
        (reply(200, "<h2>Sorry</h2>AADSTS50011: The redirect URI does not match"), True),
        (reply(200, FORM), False),
        (reply(200, "<p>Choose an account"), False),
        (reply(302, location=f"{BACK}?error=login_required"), False),
        (reply(302, location="/login?client_id=mine"), False),
        (reply(302, location="/signin/oauth/error?authError=x"), True),
    ],
)
def test_by_status_words_and_place(answer: Reply, judged: bool | None) -> None:
    assert refused(answer, asked()) is judged


def test_a_redirect_back_is_judged_by_the_uri_that_was_sent() -> None:
    other = "http://localhost:3334/error/callback"
    assert refused(reply(302, location=f"{other}?error=login_required"), asked(), other) is False


def test_what_a_page_names_in_its_place_is_kept_and_its_echo_is_not() -> None:
    page = f"<p>redirect_uri={quote(BACK, safe='')} must be one of <b>http://localhost:8080/cb</b>.</p>"
    problem = told(reply(400, f"{page} https://evil.example/x"), asked(), "mine")
    assert isinstance(problem, RedirectRefused)
    assert problem.named == ("http://localhost:8080/cb",)


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(100, 599), st.text(), st.text(st.characters(codec="latin-1"), max_size=80))
def test_no_answer_is_too_odd(status: int, page: str, location: str) -> None:
    answer = reply(status, page, location)
    assert refused(answer, asked()) in (True, False, None)
    assert told(answer, asked(), "mine").title
