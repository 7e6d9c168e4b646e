"""The practice vendors answer as their documentation says; `sandbox.vendors_github` and its like name the pages."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.practice import Practice
from sandbox.vendors import IDS, made
from wizard.secret import Secret

pytestmark = pytest.mark.slow

VERSION = {"Notion-Version": "2026-03-11"}


def ask(running: Practice, id: str, path: str, sent: str = "", **headers: str) -> httpx.Response:
    """GET with this whole Authorization value."""
    parts = urlsplit(running.services[id].url)
    given = {"Authorization": sent} if sent else {}
    url = f"{parts.scheme}://{parts.netloc}{path}"
    return httpx.get(url, headers={**given, **headers}, trust_env=False, timeout=10)


def held(running: Practice, id: str, name: str = "token") -> str:
    """One of its credentials."""
    return running.services[id].credentials[name].reveal()


def test_github(vendors: Practice) -> None:
    none = ask(vendors, "github", "/user")
    assert (none.status_code, none.json()["message"]) == (401, "Requires authentication")
    bad = ask(vendors, "github", "/user", f"Bearer {made('ghp_').reveal()}")
    assert (bad.status_code, bad.json()["message"], bad.json()["status"]) == (401, "Bad credentials", "401")
    good = ask(vendors, "github", "/user", f"Bearer {held(vendors, 'github')}")
    assert (good.status_code, good.headers["X-OAuth-Scopes"]) == (200, "gist, read:org, repo, workflow")
    assert (good.headers["X-Accepted-OAuth-Scopes"], good.headers["X-RateLimit-Limit"]) == ("", "5000")
    fine = ask(vendors, "github", "/user", f"Bearer {held(vendors, 'github', 'token_fine_grained')}")
    assert fine.status_code == 200
    assert "X-OAuth-Scopes" not in fine.headers
    narrow = f"Bearer {held(vendors, 'github', 'token_narrow')}"
    hidden = ask(vendors, "github", "/repos/practice/private", narrow)
    assert (hidden.status_code, hidden.json()["message"]) == (404, "Not Found")
    assert (hidden.headers["X-OAuth-Scopes"], hidden.headers["X-Accepted-OAuth-Scopes"]) == ("gist", "repo")
    refused = ask(vendors, "github", "/user/orgs", narrow)
    assert refused.status_code == 403
    assert "read:org" in refused.json()["message"]
    assert ask(vendors, "github", "/rate_limit").status_code == 200


def test_slack(vendors: Practice) -> None:
    token, narrow, user = (held(vendors, "slack", n) for n in ("token", "token_narrow", "token_user"))

    def said(path: str, sent: str = "") -> Mapping[str, object]:
        answer = ask(vendors, "slack", path, sent)
        assert answer.status_code == 200
        found = answer.json()
        assert isinstance(found, dict)
        return found

    assert said("/api/auth.test") == {"ok": False, "error": "not_authed"}
    assert said("/api/auth.test", f"Bearer {made('xoxb-').reveal()}") == {
        "ok": False,
        "error": "invalid_auth",
    }
    revoked = held(vendors, "slack", "token_revoked")
    assert said("/api/auth.test", f"Bearer {revoked}")["error"] == "token_revoked"
    assert said("/api/auth.test", f"Bearer {token}")["ok"] is True
    assert said("/api/conversations.list", f"Bearer {narrow}") == {
        "ok": False,
        "error": "missing_scope",
        "needed": "channels:read",
        "provided": "chat:write",
    }
    assert said("/api/search.messages", f"Bearer {token}")["error"] == "not_allowed_token_type"
    assert said("/api/search.messages", f"Bearer {user}")["ok"] is True
    assert said("/api/no.such", f"Bearer {token}")["error"] == "unknown_method"
    assert said("/api/api.test")["ok"] is True
    good = ask(vendors, "slack", "/api/auth.test", f"Bearer {token}")
    assert good.headers["X-OAuth-Scopes"] == "chat:write,channels:read,files:write,users:read"


def test_notion(vendors: Practice) -> None:
    token, narrow = (f"Bearer {held(vendors, 'notion', n)}" for n in ("token", "token_narrow"))
    cases = [
        (ask(vendors, "notion", "/v1/users/me", **VERSION), 401, "unauthorized"),
        (
            ask(vendors, "notion", "/v1/users/me", f"Bearer {made('ntn_').reveal()}", **VERSION),
            401,
            "unauthorized",
        ),
        (ask(vendors, "notion", "/v1/users/me", token), 400, "missing_version"),
        (ask(vendors, "notion", "/v1/users", narrow, **VERSION), 403, "restricted_resource"),
    ]
    for answer, status, code in cases:
        assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
        assert answer.json()["object"] == "error"
    me = ask(vendors, "notion", "/v1/users/me", token, **VERSION)
    assert (me.status_code, me.json()["object"], me.json()["type"]) == (200, "user", "bot")


def test_atlassian(vendors: Practice) -> None:
    email, token = held(vendors, "atlassian", "username"), held(vendors, "atlassian", "password")

    def pair(user: str, word: str) -> str:
        return "Basic " + base64.b64encode(f"{user}:{word}".encode()).decode()

    none = ask(vendors, "atlassian", "/rest/api/3/myself")
    assert none.status_code == 401
    assert none.text == "Client must be authenticated to access this resource."
    assert none.headers["WWW-Authenticate"].startswith('OAuth realm="http%3A%2F%2F127.0.0.1')
    assert "X-Seraph-LoginReason" not in none.headers
    for sent in (
        pair(email, made("ATATT").reveal()),
        pair("other@example.com", token),
        f"Bearer {token}",
        "Basic !",
    ):
        bad = ask(vendors, "atlassian", "/rest/api/3/myself", sent)
        assert (bad.status_code, bad.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
    good = ask(vendors, "atlassian", "/rest/api/3/myself", pair(email, token))
    assert (good.status_code, good.json()["accountType"]) == (200, "atlassian")
    sites = "/oauth/token/accessible-resources"
    assert ask(vendors, "atlassian", sites, pair(email, token)).status_code == 401
    listed = ask(vendors, "atlassian", sites, f"Bearer {held(vendors, 'atlassian', 'oauth_token')}")
    assert listed.status_code == 200
    assert set(listed.json()[0]) == {"id", "url", "name", "scopes", "avatarUrl"}


def test_google(vendors: Practice) -> None:
    path = "/gmail/v1/users/me/profile"
    none = ask(vendors, "google", path)
    assert (none.status_code, none.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert none.json()["error"]["details"][0]["reason"] == "CREDENTIALS_MISSING"
    bad = ask(vendors, "google", path, f"Bearer {made('ya29.').reveal()}")
    assert (bad.status_code, bad.json()["error"]["errors"][0]["reason"]) == (401, "authError")
    assert 'error="invalid_token"' in bad.headers["WWW-Authenticate"]
    narrow = ask(vendors, "google", path, f"Bearer {held(vendors, 'google', 'token_narrow')}")
    error = narrow.json()["error"]
    assert (narrow.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert 'error="insufficient_scope", scope="https://mail.google.com/' in narrow.headers["WWW-Authenticate"]
    good = ask(vendors, "google", path, f"Bearer {held(vendors, 'google')}")
    assert set(good.json()) == {"emailAddress", "messagesTotal", "threadsTotal", "historyId"}


def test_fusionauth(vendors: Practice) -> None:
    key, bound = (held(vendors, "fusionauth", n) for n in ("api_key", "api_key_of_tenant"))
    assert ask(vendors, "fusionauth", "/api/status").status_code == 200
    for sent in ("", made("", 64).reveal(), f"Bearer {key}"):
        bad = ask(vendors, "fusionauth", "/api/application", sent)
        assert (bad.status_code, bad.content) == (401, b"")
    assert ask(vendors, "fusionauth", "/api/application", key).status_code == 200
    several = ask(vendors, "fusionauth", "/api/user", key)
    error = several.json()["generalErrors"][0]
    assert (several.status_code, error["code"]) == (400, "[TenantIdRequired]")
    tenant = {"X-FusionAuth-TenantId": held(vendors, "fusionauth", "tenant_id")}
    assert ask(vendors, "fusionauth", "/api/user", key, **tenant).status_code == 200
    assert ask(vendors, "fusionauth", "/api/user", bound).status_code == 200
    assert ask(vendors, "fusionauth", "/api/tenant", bound).status_code == 401


@pytest.mark.parametrize(
    "sent", ["Bearer", "Bearer ", "x", "Basic e30=", "Bearer \u00e9", "Digest a=b", "Bearer a b"]
)
def test_odd_credentials_are_refused_and_never_a_fault_of_the_server(vendors: Practice, sent: str) -> None:
    paths = (
        "/user",
        "/api/auth.test",
        "/v1/users/me",
        "/rest/api/3/myself",
        "/gmail/v1/users/me/profile",
        "/api/user",
    )
    for id, path in zip(IDS, paths, strict=True):
        parts = urlsplit(vendors.services[id].url)
        raw = {b"Authorization": sent.encode("latin-1").strip(), b"Notion-Version": b"2026-03-11"}
        answer = httpx.get(f"{parts.scheme}://{parts.netloc}{path}", headers=raw, trust_env=False, timeout=10)
        assert answer.status_code == (200 if id == "slack" else 401), (id, answer.text)
        assert id != "slack" or answer.json()["ok"] is False


def test_what_arrived_is_remembered_by_name_alone(vendors: Practice) -> None:
    token = held(vendors, "notion")
    ask(vendors, "notion", "/v1/users/me", f"Bearer {token}", **VERSION)
    seen = [s for s in vendors.seen if s.service == "notion"]
    assert (seen[-1].kind, seen[-1].credential) == ("real", "token")
    assert token not in repr(vendors.seen)
    assert Secret(token) in vendors.services["notion"].credentials.values()
