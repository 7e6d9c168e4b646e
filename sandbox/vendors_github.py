"""How GitHub's REST API answers.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api (401 "Bad credentials", 404 for what a
token may not see), .../rate-limits-for-the-rest-api (the x-ratelimit headers), and
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps (X-OAuth-Scopes,
X-Accepted-OAuth-Scopes: a fine-grained token has neither). The login:
https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (a form unless JSON is asked for;
the port of a loopback address is not compared) and
.../maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors (200 with ``error``).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from .sites import NONE, Answer
from .vendor_login import FORM, Given, Ways, desk
from .vendors import Grant, Page, Vendor, VendorSite, by_bearer

_DOCS = "https://docs.github.com/rest"


def _error(status: int, message: str) -> Answer:
    body = {"message": message, "documentation_url": _DOCS, "status": str(status)}
    return Answer(status, body, _limits(60))


def _refused(_: str, kind: str, __: VendorSite) -> Answer:
    return _error(401, "Requires authentication" if kind == NONE else "Bad credentials")


def _lacks(page: Page, _: Grant) -> Answer:
    if page.scopes == _ORGANIZATIONS:
        return _error(403, "You need at least read:org scope or user scope to list your organizations.")
    return _error(404, "Not Found")


def _limits(limit: int) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(limit - 1),
        "X-RateLimit-Reset": str(int(time.time()) + 3600),
        "X-RateLimit-Used": "1",
        "X-RateLimit-Resource": "core",
    }


def _added(grant: Grant | None, page: Page | None) -> dict[str, str]:
    headers = _limits(5000 if grant else 60)
    if grant is not None and grant.scopes is not None:
        headers["X-OAuth-Scopes"] = ", ".join(grant.scopes)
        headers["X-Accepted-OAuth-Scopes"] = ", ".join(page.scopes) if page else ""
    return headers


_ORGANIZATIONS = ("admin:org", "read:org", "repo", "user", "write:org")

_ERRORS = {
    "invalid_grant": ("bad_verification_code", "The code passed is incorrect or expired."),
    "invalid_client": (
        "incorrect_client_credentials",
        "The client_id and/or client_secret passed are incorrect.",
    ),
    "invalid_client_secret": (
        "incorrect_client_credentials",
        "The client_id and/or client_secret passed are incorrect.",
    ),
    "redirect_uri_mismatch": (
        "redirect_uri_mismatch",
        "The redirect_uri MUST match the registered callback URL for this application.",
    ),
}


def _not_given(code: str) -> Answer:
    error, says = _ERRORS.get(code, (code, "The request is not understood."))
    return Answer(200, {"error": error, "error_description": says}, {FORM: "1"})


def _given(login: Given, _: Mapping[str, str]) -> Answer:
    scope = ",".join(login.scopes)
    return Answer(200, {"access_token": login.token, "scope": scope, "token_type": "bearer"}, {FORM: "1"})


WAYS = Ways(
    authorize="/login/oauth/authorize",
    token="/login/oauth/access_token",  # noqa: S106  # a path
    given=_given,
    refused=_not_given,
    begins="gho_",
    any_port=True,
    page=404,
)

VENDOR = Vendor(
    id="github",
    base="",
    pages={
        "/rate_limit": Page(
            {"resources": {"core": {"limit": 5000, "remaining": 4999, "used": 1}}}, open=True
        ),
        "/user": Page({"login": "practice", "id": 1, "type": "User", "two_factor_authentication": True}),
        "/user/orgs": Page([{"login": "practice-org", "id": 2}], _ORGANIZATIONS),
        "/repos/practice/private": Page({"full_name": "practice/private", "private": True}, ("repo",)),
    },
    grants={
        "token": Grant("ghp_", ("gist", "read:org", "repo", "workflow")),
        "token_fine_grained": Grant("github_pat_"),
        "token_narrow": Grant("ghp_", ("gist",)),
    },
    presented=by_bearer,
    refused=_refused,
    lacks=_lacks,
    missing=_error(404, "Not Found"),
    added=_added,
    issues=desk(WAYS),
)
