"""How Gmail's API answers.

https://developers.google.com/workspace/gmail/api/guides/handle-errors (401 and 403), the errors' form:
https://google.aip.dev/193 and https://cloud.google.com/apis/design/errors (ErrorInfo); the text of 403
ACCESS_TOKEN_SCOPE_INSUFFICIENT as reported in https://github.com/googleworkspace/php-samples/issues/123, its challenge
as in https://github.com/kwent/react-google-contacts/issues/6. Which scopes users.getProfile takes:
https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile
"""

from __future__ import annotations

from .sites import NONE, Answer
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
)
