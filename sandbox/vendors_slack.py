"""How Slack's Web API answers: refusals are 200 with ``ok`` false.

https://docs.slack.dev/apis/web-api/ ("Evaluating responses"), https://docs.slack.dev/reference/methods/auth.test and
.../conversations.list (errors not_authed, invalid_auth, token_revoked, missing_scope with needed and provided,
not_allowed_token_type), https://docs.slack.dev/authentication/installing-with-oauth (X-OAuth-Scopes). The login:
https://docs.slack.dev/reference/methods/oauth.v2.access (the user's token in ``authed_user``; invalid_code,
bad_client_secret, bad_redirect_uri) and https://docs.slack.dev/authentication/using-pkce (no secret with PKCE, a
redirect to http://localhost, a user's token alone).
"""

from __future__ import annotations

from collections.abc import Mapping

from .sites import NONE, Answer
from .vendor_login import Given, Ways, desk
from .vendors import Grant, Page, Vendor, VendorSite, by_bearer

_ERRORS = {NONE: "not_authed", "revoked": "token_revoked", "kind": "not_allowed_token_type"}


def _refused(_: str, kind: str, __: VendorSite) -> Answer:
    return Answer(200, {"ok": False, "error": _ERRORS.get(kind, "invalid_auth")})


def _lacks(page: Page, grant: Grant) -> Answer:
    provided = ",".join(grant.scopes or ())
    body = {"ok": False, "error": "missing_scope", "needed": page.scopes[0], "provided": provided}
    return Answer(200, body)


def _added(grant: Grant | None, page: Page | None) -> dict[str, str]:
    if grant is None or grant.scopes is None:
        return {}
    headers = {"X-OAuth-Scopes": ",".join(grant.scopes)}
    if page is not None and page.scopes:
        headers["X-Accepted-OAuth-Scopes"] = ",".join(page.scopes)
    return headers


_BOT = ("chat:write", "channels:read", "files:write", "users:read")
_ME = {
    "ok": True,
    "url": "https://practice.slack.com/",
    "team": "Practice",
    "user": "practice-bot",
    "team_id": "T0PRACTICE",
    "user_id": "U0PRACTICE",
    "bot_id": "B0PRACTICE",
}

_NOT_GIVEN = {
    "invalid_grant": "invalid_code",
    "invalid_client": "invalid_client_id",
    "invalid_client_secret": "bad_client_secret",
    "redirect_uri_mismatch": "bad_redirect_uri",
    "unsupported_grant_type": "invalid_grant_type",
}


def _not_given(code: str) -> Answer:
    return Answer(200, {"ok": False, "error": _NOT_GIVEN.get(code, code)})


def _given(login: Given, _: Mapping[str, str]) -> Answer:
    user = {
        "id": "U0PRACTICE",
        "scope": ",".join(login.scopes),
        "access_token": login.token,
        "token_type": "user",
        "expires_in": 43200,
        "refresh_token": login.refresh,
    }
    team = {"id": "T0PRACTICE", "name": "Practice"}
    body = {
        "ok": True,
        "app_id": "A0PRACTICE",
        "authed_user": user,
        "team": team,
        "is_enterprise_install": False,
    }
    return Answer(200, body)


WAYS = Ways(
    authorize="/oauth/v2/authorize",
    token="/api/oauth.v2.access",  # noqa: S106  # a path
    given=_given,
    refused=_not_given,
    begins="xoxp-",
    like="token_user",
    scope="user_scope",
    comma=True,
    public=True,
    hosts=("localhost",),
    refreshes=lambda _, __: True,
    page=200,
)

VENDOR = Vendor(
    id="slack",
    base="/api",
    pages={
        "/api/api.test": Page({"ok": True, "args": {}}, open=True),
        "/api/auth.test": Page(_ME),
        "/api/conversations.list": Page({"ok": True, "channels": []}, ("channels:read",)),
        "/api/users.list": Page({"ok": True, "members": []}, ("users:read",)),
        "/api/search.messages": Page(
            {"ok": True, "messages": {"total": 0}}, ("search:read",), ("token_user",)
        ),
    },
    grants={
        "token": Grant("xoxb-", _BOT),
        "token_user": Grant("xoxp-", ("search:read", "users:read")),
        "token_narrow": Grant("xoxb-", ("chat:write",)),
        "token_revoked": Grant("xoxb-", _BOT, revoked=True),
    },
    presented=by_bearer,
    refused=_refused,
    lacks=_lacks,
    missing=Answer(200, {"ok": False, "error": "unknown_method"}),
    added=_added,
    issues=desk(WAYS),
)
