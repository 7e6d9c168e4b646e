"""A wrong redirect URI leaves the browser at the provider, on a page that says what we say it says."""

from __future__ import annotations

from html import unescape
from secrets import token_urlsafe

import httpx
import pytest
from servers.keycloak import Keycloak
from servers.oidc_provider import OpenIdProvider

from wizard import providers
from wizard.livetest import PROVEN
from wizard.oauth.authorization import Request
from wizard.oauth.login_page import refusal
from wizard.oauth.waiting import probably_shows, timed_out
from wizard.secret import Secret

BACK = "http://127.0.0.1:3334/callback"


def refused(endpoint: str, client: str) -> str:
    """The page that answers an authorization request with a redirect URI of nobody's."""
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": BACK + "/of/nobody",
        "scope": "openid",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
        "state": "s",
    }
    answer = httpx.get(endpoint, params=asked, headers={"Accept": "text/html"}, trust_env=False, timeout=30)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    return unescape(answer.text)


def judged(endpoint: str, client: str) -> tuple[str, str]:
    """What the page is taken for."""
    state = Secret(token_urlsafe(16))
    asked = Request(Secret(endpoint), endpoint, BACK, state, state, None, (), "")
    problem = refusal(asked, client, 400, refused(endpoint, client))
    return problem.id, problem.certainty


@pytest.mark.real("java")
def test_keycloak_s_page_says_the_words_that_a_time_out_quotes(keycloak: Keycloak) -> None:
    endpoint = f"{keycloak.realm_url}/protocol/openid-connect/auth"
    known = providers.of(endpoint)
    assert known
    assert known.redirect.refusal in refused(endpoint, "account")
    assert known.redirect.refusal in probably_shows(endpoint)
    assert "Keycloak" in timed_out(BACK, 300, [], {}, endpoint).detail
    assert judged(endpoint, "account") == ("redirect-uri-not-registered", PROVEN)
    assert judged(endpoint, "nobody-knows-me") == ("client-id-not-known", PROVEN)


@pytest.mark.real("node")
def test_an_unknown_provider_s_page_speaks_of_the_redirect_uri(oidc: OpenIdProvider) -> None:
    endpoint = httpx.get(f"{oidc.issuer}/.well-known/openid-configuration", trust_env=False).json()[
        "authorization_endpoint"
    ]
    assert providers.of(endpoint) is None
    assert "redirect_uri" in refused(endpoint, "public")
    assert "redirect URI" in probably_shows(endpoint)
    assert judged(endpoint, "public") == ("redirect-uri-not-registered", PROVEN)
    assert judged(endpoint, "nobody-knows-me") == ("client-id-not-known", PROVEN)
