"""What an issuer's page says before any login: the client, the redirect URI, or neither."""

from __future__ import annotations

import secrets
from urllib.parse import quote

import pytest

from wizard.livetest import LIKELY, PROVEN
from wizard.oauth.authorization import Request
from wizard.oauth.login_page import refusal
from wizard.secret import Secret

BACK = "http://127.0.0.1:3334/callback"
ISSUER = "https://id.example.com"
CLIENT, REDIRECT = "client-id-not-known", "redirect-uri-not-registered"


def asked() -> Request:
    url = f"{ISSUER}/authorize?client_id=mine&redirect_uri={quote(BACK, safe='')}"
    state = Secret(secrets.token_urlsafe(16))
    return Request(Secret(url), ISSUER, BACK, state, state, None, (), "")


@pytest.mark.parametrize(
    ("status", "page", "id", "certainty"),
    [
        (400, "<b>error</b>: invalid_client, client is invalid", CLIENT, PROVEN),
        (400, "We are sorry... Client not found.", CLIENT, PROVEN),
        (
            400,
            "AADSTS700016: Application with identifier 'mine' was not found in the directory",
            CLIENT,
            PROVEN,
        ),
        (401, "Error 401: invalid_client. The OAuth client was not found.", CLIENT, PROVEN),
        (403, "Unknown client: mine", CLIENT, PROVEN),
        (400, "Client mine does not exist.", CLIENT, PROVEN),
        (
            400,
            '<a href="/login?redirect_uri=http%3A%2F%2F127.0.0.1">de</a> Client not found.',
            CLIENT,
            PROVEN,
        ),
        (400, "Invalid parameter: redirect_uri", REDIRECT, PROVEN),
        (400, "Error 400: redirect_uri_mismatch", REDIRECT, PROVEN),
        (400, "The redirect_uri is not associated with this application.", REDIRECT, PROVEN),
        (404, "AADSTS50011: The redirect URI specified in the request does not match", REDIRECT, PROVEN),
        (400, "Callback URL mismatch", REDIRECT, PROVEN),
        (400, "Something went wrong", REDIRECT, LIKELY),
        (400, "Invalid client or redirect_uri", REDIRECT, LIKELY),
        (403, "Something went wrong", "authorization-refused", PROVEN),
    ],
)
def test_the_page_decides(status: int, page: str, id: str, certainty: str) -> None:
    problem = refusal(asked(), "mine", status, page)
    assert (problem.id, problem.certainty) == (id, certainty)
    if id == REDIRECT:
        assert any(f"exactly {BACK}" in step for step in problem.fix), "the step names the address"
    if certainty == LIKELY:
        assert "client id `mine`" in problem.title and "redirect URI" in problem.title
