"""A wrong redirect URI leaves the browser at the provider, on a page that says what we say it says."""

from __future__ import annotations

from html import unescape

import httpx
import pytest
from servers.keycloak import Keycloak
from servers.oidc_provider import OpenIdProvider

from wizard import providers
from wizard.oauth.waiting import probably_shows, timed_out

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


@pytest.mark.real("java")
def test_keycloak_s_page_says_the_words_that_a_time_out_quotes(keycloak: Keycloak) -> None:
    endpoint = f"{keycloak.realm_url}/protocol/openid-connect/auth"
    known = providers.of(endpoint)
    assert known
    assert known.redirect.refusal in refused(endpoint, "account")
    assert known.redirect.refusal in probably_shows(endpoint)
    assert "Keycloak" in timed_out(BACK, 300, [], {}, endpoint).detail


@pytest.mark.real("node")
def test_an_unknown_provider_s_page_speaks_of_the_redirect_uri(oidc: OpenIdProvider) -> None:
    endpoint = httpx.get(f"{oidc.issuer}/.well-known/openid-configuration", trust_env=False).json()[
        "authorization_endpoint"
    ]
    assert providers.of(endpoint) is None
    assert "redirect_uri" in refused(endpoint, "public")
    assert "redirect URI" in probably_shows(endpoint)
