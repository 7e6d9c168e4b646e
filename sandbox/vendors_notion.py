"""How Notion's API answers.

https://developers.notion.com/reference/status-codes (400 missing_version, 401 unauthorized, 403 restricted_resource,
404 object_not_found, with their messages), .../reference/get-self, .../reference/capabilities (user information). The
login: https://developers.notion.com/docs/authorization (``owner=user``) and .../reference/create-a-token (id and secret
in the Authorization header, a JSON body).
"""

from __future__ import annotations

from collections.abc import Mapping

from .sites import Answer
from .vendor_login import Given, Ways, desk
from .vendors import Grant, Headers, Page, Vendor, VendorSite, by_bearer


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"object": "error", "status": status, "code": code, "message": message})


def _refused(_: str, __: str, ___: VendorSite) -> Answer:
    return _error(401, "unauthorized", "API token is invalid.")


def _lacks(_: Page, __: Grant) -> Answer:
    return _error(403, "restricted_resource", "API token does not have access to this resource.")


def _before(_: Vendor, __: Page, headers: Headers, ___: VendorSite) -> Answer | None:
    if headers.get("notion-version"):
        return None
    failed = "Notion-Version header failed validation: Notion-Version header should be defined, instead was"
    return _error(400, "missing_version", f"{failed} `undefined`.")


_BOT = {
    "object": "user",
    "id": "00000000-0000-4000-8000-000000000001",
    "name": "Practice",
    "type": "bot",
    "bot": {"owner": {"type": "workspace", "workspace": True}, "workspace_name": "Practice"},
}


def _not_given(code: str) -> Answer:
    if code.startswith("invalid_client"):
        return Answer(401, {"error": "invalid_client"})
    known = code if code in ("invalid_request", "unsupported_grant_type") else "invalid_grant"
    return Answer(400, {"error": known})


def _given(login: Given, _: Mapping[str, str]) -> Answer:
    body = {
        "access_token": login.token,
        "token_type": "bearer",
        "refresh_token": login.refresh,
        "bot_id": _BOT["id"],
        "workspace_id": "00000000-0000-4000-8000-000000000002",
        "workspace_name": "Practice",
        "workspace_icon": None,
        "owner": {"type": "user", "user": {"object": "user", "id": "00000000-0000-4000-8000-000000000003"}},
        "duplicated_template_id": None,
    }
    return Answer(200, body)


WAYS = Ways(
    authorize="/v1/oauth/authorize",
    token="/v1/oauth/token",  # noqa: S106  # a path
    given=_given,
    refused=_not_given,
    begins="ntn_",
    wants={"owner": "user"},
    basic=True,
    json=True,
    hosts=("localhost",),
    refreshes=lambda _, __: True,
)

VENDOR = Vendor(
    id="notion",
    base="",
    pages={
        "/v1/users/me": Page(_BOT),
        "/v1/users": Page({"object": "list", "results": [_BOT], "has_more": False}, ("user information",)),
    },
    # capabilities of the integration, which the API does not tell
    grants={"token": Grant("ntn_", ("user information",)), "token_narrow": Grant("ntn_", ())},
    presented=by_bearer,
    refused=_refused,
    lacks=_lacks,
    missing=_error(400, "invalid_request_url", "Invalid request URL."),
    before=_before,
    issues=desk(WAYS),
)
