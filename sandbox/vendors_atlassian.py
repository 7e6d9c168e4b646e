"""How Jira Cloud answers.

https://developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis/ (email and API token), its REST API's
/rest/api/3/myself (200, and 401 "Returned if the authentication credentials are incorrect or missing"), and
https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (the login, accessible-resources). The text and
headers of the 401 as reported in https://github.com/atlassian/gajira-login/issues/59 and
jira-node/node-jira-client#255.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import quote

from .sites import NONE, Answer
from .vendor_login import Given, Ways, desk
from .vendors import EMAIL, Grant, Headers, Page, Vendor, VendorSite, by_basic, by_bearer

_ID = "11223344-a1b2-3b33-c444-def123456789"


def _presented(headers: Headers) -> str | None:
    """A pair of the REST API, or the bearer token of a 3LO app."""
    token = by_bearer(headers)
    return f"bearer:{token}" if token else by_basic(headers)


def _refused(_: str, kind: str, site: VendorSite) -> Answer:
    headers = {"WWW-Authenticate": f'OAuth realm="{quote(site.origin, safe="")}"'}
    if kind != NONE:
        headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
    return Answer(401, "Client must be authenticated to access this resource.", headers)


def _lacks(_: Page, __: Grant) -> Answer:
    return Answer(403, {"errorMessages": ["You do not have the permission for this."], "errors": {}})


def _pair(site: VendorSite, text: str) -> str:
    return f"{site.credentials['username'].reveal()}:{text}" if text.startswith("ATATT") else f"bearer:{text}"


_ME = {
    "accountId": "5b10a2844c20165700ede21g",
    "accountType": "atlassian",
    "emailAddress": EMAIL,
    "displayName": "Practice",
    "active": True,
    "timeZone": "Etc/UTC",
}
_RESOURCE: dict[str, object] = {
    "id": _ID,
    "name": "practice",
    "url": "https://practice.atlassian.net",
    "scopes": ["read:jira-work", "read:jira-user"],
    "avatarUrl": "https://practice.atlassian.net/avatars/240/flag.png",
}

_NOT_GIVEN = {
    "invalid_client": (401, "access_denied", "Unauthorized"),
    "invalid_client_secret": (401, "access_denied", "Unauthorized"),
    "invalid_refresh_token": (403, "invalid_grant", "Unknown or invalid refresh token."),
    "invalid_grant": (403, "invalid_grant", "Invalid authorization code"),
}


def _not_given(code: str) -> Answer:
    status, error, says = _NOT_GIVEN.get(code, (400, code, "The request is not understood."))
    return Answer(status, {"error": error, "error_description": says})


def _given(login: Given, _: Mapping[str, str]) -> Answer:
    again = {"refresh_token": login.refresh} if login.refresh else {}
    scope = " ".join(login.scopes)
    body = {"access_token": login.token, "expires_in": 3600, "token_type": "Bearer", **again, "scope": scope}
    return Answer(200, body)


WAYS = Ways(
    authorize="/authorize",
    token="/oauth/token",  # noqa: S106  # a path
    given=_given,
    refused=_not_given,
    begins="eyJ",
    like="oauth_token",
    length=180,
    pair=lambda token: f"bearer:{token}",
    wants={"audience": "api.atlassian.com", "prompt": "consent"},
    json=True,
    hosts=("localhost",),
    refreshes=lambda _, scopes: "offline_access" in scopes,
    page=403,
)

VENDOR = Vendor(
    id="atlassian",
    base="",
    pages={
        "/rest/api/3/myself": Page(_ME),
        f"/ex/jira/{_ID}/rest/api/3/myself": Page(_ME, ("read:jira-user",), only=("oauth_token",)),
        "/oauth/token/accessible-resources": Page([_RESOURCE], only=("oauth_token",)),
    },
    grants={"password": Grant("ATATT"), "oauth_token": Grant("eyJ")},
    presented=_presented,
    refused=_refused,
    lacks=_lacks,
    missing=Answer(404, {"errorMessages": ["No such address."], "errors": {}}),
    usual="password",
    pair=_pair,
    more={"username": lambda: f"practice-{secrets.token_hex(3)}@example.com"},
    length=180,
    issues=desk(WAYS),
)
