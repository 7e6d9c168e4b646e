"""What Google's APIs and its login refuse."""

from __future__ import annotations

from oddities.odd_server import Odd
from servers.scripted import Reply

from ..fault import Words, fault
from ..refusing import Api, always, api, made
from ..world import World

_SIGN_IN = {
    "error": {"code": 401, "message": "Request had invalid credentials.", "status": "UNAUTHENTICATED"}
}


def _refused(
    message: str, short: tuple[str, str], info: dict[str, object] | None = None
) -> dict[str, object]:
    """As a Google API says 403: https://google.aip.dev/193."""
    error: dict[str, object] = {
        "code": 403,
        "message": message,
        "errors": [{"message": short[0], "domain": short[1], "reason": short[0]}],
        "status": "PERMISSION_DENIED",
    }
    if info:
        error["details"] = [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "googleapis.com", **info}
        ]
    return {"error": error}


def _google(world: World, body: dict[str, object], path: str, **headers: str) -> Words:
    token = made("ya29.", 120)
    return api(world, path, token, Api(always(403, body, **headers), Reply(401, _SIGN_IN)))


_PATHS = ("/v4/spreadsheets/1x/values/A1", "/drive/v3/files", "/calendar/v3/calendars/primary/events")


@fault("google-scope-insufficient", source="xing5/mcp-google-sheets#29")
def other_scopes(world: World) -> Words:
    message = world.pick(
        "Request had insufficient authentication scopes.",
        "Insufficient Permission: Request had insufficient authentication scopes.",
        "Request had insufficient authentication scopes.",
    )
    info = {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "metadata": {"service": "drive.googleapis.com"}}
    body = _refused(message, ("insufficientPermissions", "global"), world.pick(info, None, info))
    realm = 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
    headers = world.pick({"WWW_Authenticate": realm}, {}, {})
    return _google(world, body, world.pick(*_PATHS), **headers)


@fault("google-api-disabled-or-quota-project", source="taylorwilsdon/google_workspace_mcp#126")
def switched_off(world: World) -> Words:
    number = world.pick("419203347716", "acme-tools-77", "1083")
    at = f"https://console.developers.google.com/apis/api/calendar-json.googleapis.com/overview?project={number}"
    off = (
        f"Google Calendar API has not been used in project {number} before or it is disabled. Enable it by visiting"
        f" {at} then retry."
    )
    quota = (
        "Your application is authenticating by using local Application Default Credentials. The"
        " calendar-json.googleapis.com API requires a quota project, which is not set by default."
    )
    info = {"reason": "SERVICE_DISABLED", "metadata": {"consumer": f"projects/{number}", "activationUrl": at}}
    body = world.pick(
        _refused(off, ("accessNotConfigured", "usageLimits")),
        _refused(off, ("forbidden", "global"), info),
        _refused(quota, ("forbidden", "global"), info),
    )
    return _google(world, body, world.pick(*reversed(_PATHS)))


@fault("google-access-denied-test-users", source="mbrt/gmailctl#353", herring="")
def no_test_user(world: World) -> Words:
    says = world.pick(
        "gmail-tool has not completed the Google verification process. The app is currently being tested, and can only"
        " be accessed by developer-approved testers.",
        "The developer hasn\u2019t given you access to this app. It\u2019s currently being tested and it"
        " hasn\u2019t been"
        " verified by Google.",
        "Access blocked: mail reader has not completed the Google verification process",
    )
    denied: dict[str, object] = {"code": None, "error": "access_denied", "error_description": says}
    return ("test", world.protected(Odd(change={"authorize": denied})).mcp)
