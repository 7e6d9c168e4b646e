"""How Slack's Web API answers: refusals are 200 with ``ok`` false.

https://docs.slack.dev/apis/web-api/ ("Evaluating responses"), https://docs.slack.dev/reference/methods/auth.test and
.../conversations.list (errors not_authed, invalid_auth, token_revoked, missing_scope with needed and provided,
not_allowed_token_type), https://docs.slack.dev/authentication/installing-with-oauth (X-OAuth-Scopes).
"""

from __future__ import annotations

from .sites import NONE, Answer
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
)
