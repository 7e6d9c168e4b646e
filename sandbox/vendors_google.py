"""How Gmail's API answers.

https://developers.google.com/workspace/gmail/api/guides/handle-errors (401 and 403), the errors' form:
https://google.aip.dev/193 and https://cloud.google.com/apis/design/errors (ErrorInfo); the text of 403
ACCESS_TOKEN_SCOPE_INSUFFICIENT as reported in https://github.com/googleworkspace/php-samples/issues/123, its challenge
as in https://github.com/kwent/react-google-contacts/issues/6. Which scopes users.getProfile takes:
https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile
The login: https://developers.google.com/identity/protocols/oauth2/native-app and .../web-server#offline.
"""

from __future__ import annotations

from collections.abc import Mapping

from .sites import NONE, Answer
from .vendor_login import Given, Ways, desk
from .vendors import EMAIL, Grant, Page, Vendor, VendorSite, by_bearer

_AUTH = "https://www.googleapis.com/auth/"
_REALM = 'Bearer realm="https://accounts.google.com/"'
_SEE = "See https://developers.google.com/identity/sign-in/web/devconsole-project."
_EXPECTED = f"Expected OAuth 2 access token, login cookie or other valid authentication credential. {_SEE}"


def _error(
    status: int, name: str, message: str, short: tuple[str, str], reason: str = ""
) -> dict[str, object]:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {
            "method": "caribou.api.proto.MailboxService.GetProfile",
            "service": "gmail.googleapis.com",
        },
    }
    error: dict[str, object] = {
        "code": status,
        "message": message,
        "errors": [{"message": short[0], "domain": "global", "reason": short[1]}],
        "status": name,
    }
    return {"error": {**error, "details": [info]} if reason else error}


def _refused(_: str, kind: str, __: VendorSite) -> Answer:
    if kind == NONE:
        message = f"Request is missing required authentication credential. {_EXPECTED}"
        body = _error(401, "UNAUTHENTICATED", message, ("Login Required.", "required"), "CREDENTIALS_MISSING")
        return Answer(401, body, {"WWW-Authenticate": _REALM})
    message = f"Request had invalid authentication credentials. {_EXPECTED}"
    body = _error(401, "UNAUTHENTICATED", message, ("Invalid Credentials", "authError"))
    return Answer(401, body, {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'})


def _lacks(page: Page, _: Grant) -> Answer:
    message = "Request had insufficient authentication scopes."
    short = ("Insufficient Permission", "insufficientPermissions")
    body = _error(403, "PERMISSION_DENIED", message, short, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    scopes = " ".join(page.scopes)
    return Answer(403, body, {"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scopes}"'})


_PROFILE = (
    "https://mail.google.com/",
    *(f"{_AUTH}gmail.{name}" for name in ("modify", "compose", "readonly", "metadata")),
)

_NOT_GIVEN = {
    "invalid_client": (401, "invalid_client", "The OAuth client was not found."),
    "invalid_client_secret": (401, "invalid_client", "Unauthorized"),
    "invalid_refresh_token": (400, "invalid_grant", "Token has been expired or revoked."),
    "invalid_grant": (400, "invalid_grant", "Malformed auth code."),
    "redirect_uri_mismatch": (400, "redirect_uri_mismatch", "Bad Request"),
}


def _not_given(code: str) -> Answer:
    status, error, says = _NOT_GIVEN.get(code, (400, code, "Bad Request"))
    return Answer(status, {"error": error, "error_description": says})


def _given(login: Given, _: Mapping[str, str]) -> Answer:
    again = {"refresh_token": login.refresh} if login.refresh else {}
    scope = " ".join(login.scopes)
    body = {"access_token": login.token, "expires_in": 3599, **again, "scope": scope, "token_type": "Bearer"}
    return Answer(200, body)


WAYS = Ways(
    authorize="/o/oauth2/v2/auth",
    token="/token",  # noqa: S106  # a path
    given=_given,
    refused=_not_given,
    begins="ya29.",
    length=140,
    any_port=True,
    refreshes=lambda asked, _: asked.get("access_type") == "offline",
    more={
        "/.well-known/openid-configuration": {
            "issuer": "{origin}",
            "authorization_endpoint": "{origin}/o/oauth2/v2/auth",
            "token_endpoint": "{origin}/token",
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
    },
)

VENDOR = Vendor(
    id="google",
    base="",
    pages={
        "/gmail/v1/users/me/profile": Page(
            {"emailAddress": EMAIL, "messagesTotal": 3, "threadsTotal": 2, "historyId": "1024"}, _PROFILE
        ),
    },
    grants={
        "token": Grant("ya29.", (f"{_AUTH}gmail.readonly", f"{_AUTH}gmail.send", f"{_AUTH}gmail.modify")),
        "token_narrow": Grant("ya29.", (f"{_AUTH}gmail.send",)),
    },
    presented=by_bearer,
    refused=_refused,
    lacks=_lacks,
    missing=Answer(404, {"error": {"code": 404, "message": "Not Found", "status": "NOT_FOUND"}}),
    length=140,
    issues=desk(WAYS),
)
