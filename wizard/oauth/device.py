"""The device flow (RFC 8628): a code that the person types on any device, while this program asks whether it was done.

It is no part of MCP, in no revision and no extension.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wizard.errors import TransportError, UsageError
from wizard.livetest import Evidence
from wizard.secret import Secret
from wizard.urls import check_url, is_loopback, origin

from .client_auth import BASIC
from .posting import TOKENS, TokenRefused, post, refused
from .problems import OAuthProblem
from .token_endpoint import Granted, ask, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.transport import Transport

    from .client_auth import OAuthClient
    from .model import ServerMetadata

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_AT: Final = "device authorization endpoint"
_PROBE: Final = "device-login"
_INTERVAL: Final = 5.0
"""Seconds between two polls where the server names none, and what `slow_down` adds (sections 3.2, 3.5)."""
_LEAST: Final = 1.0
_LIFE: Final = 600.0
"""Seconds that a code is waited for where the server leaves out what section 3.2 wants of it."""
_LONGEST: Final = 60.0
_PATIENCE: Final = 5
"""So many polls in a row may fail on their way before that is the answer."""
_ON_THE_WAY: Final = frozenset(
    {"timeout", "connection-closed", "connection-refused", "unreachable", "dns-unresolved"}
)
_DENIED: Final = frozenset({"access_denied", "authorization_declined"})
"""The second is Entra's: https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code"""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the person is shown (section 3.2). ``verification_uri_complete`` holds the code already; it is empty where
    there is none that lies beside the other address. ``expires_in`` and ``interval`` are seconds."""

    user_code: str
    verification_uri: str
    verification_uri_complete: str
    device_code: Secret = field(repr=False)
    expires_in: float
    interval: float


async def start(
    server: ServerMetadata,
    client: OAuthClient,
    scope: str,
    resource: str,
    transport: Transport,
    *,
    challenge: str = "",
) -> DeviceCode:
    """Ask for a code. ``challenge`` is PKCE's S256: Keycloak wants it here of a client that has to use PKCE.

    Raises:
        OAuthProblem: ``device-flow-not-offered``, ``device-answer-unusable``. TokenRefused: the endpoint refuses.
        TransportError. UsageError: as `client_auth.prepared`.
    """
    endpoint = server.device_authorization_endpoint
    if not endpoint:
        raise OAuthProblem(
            "device-flow-not-offered",
            f"{server.issuer} offers no login by a code on another device.",
            "Its metadata names no device_authorization_endpoint.",
            (
                "Log in with a browser instead: leave out --device.",
                "Or ask the identity provider's admin to allow the device flow.",
            ),
            evidence=(Evidence(_PROBE, "device_authorization_endpoint is missing"),),
        )
    asked = {
        # section 3.1 wants the id of a client that is not known by its authentication; some read it here alone
        "client_id": client.id if client.authentication == BASIC else "",
        "scope": scope,
        "resource": resource,
        "code_challenge": challenge,
        "code_challenge_method": "S256" if challenge else "",
    }
    posted = await post(endpoint, client, asked, transport, secrets=("device_code", *TOKENS))
    if posted.reply.status != 200 or "error" in posted.members or "device_code" not in posted.held:
        raise refused(posted, transport, grant=GRANT, at=_AT)
    return _code(posted.members, posted.held["device_code"])


async def poll(
    code: DeviceCode,
    server: ServerMetadata,
    client: OAuthClient,
    transport: Transport,
    *,
    verifier: Secret | None = None,
    resource: str = "",
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Granted:
    """Ask until the person has logged in. ``verifier`` belongs to `start`'s challenge.

    Raises:
        OAuthProblem: ``device-code-expired``, ``login-denied``. TokenRefused: any other refusal.
        TransportError: five polls in a row were lost. UsageError: as `client_auth.prepared`.
    """
    grant: dict[str, str | Secret] = {
        "grant_type": GRANT,
        "device_code": code.device_code,
        "client_id": client.id if client.authentication == BASIC else "",
        "code_verifier": verifier or "",
        "resource": resource,
    }
    end = clock() + code.expires_in
    wait, lost = max(_LEAST, code.interval), 0
    while True:
        await sleep(wait)
        try:
            return await ask(server.token_endpoint, client, grant, transport)
        except TokenRefused as answer:
            late = clock() >= end
            busy = answer.status == 429 or answer.status >= 500
            if answer.error == "slow_down":
                wait, lost = wait + _INTERVAL, 0
            elif answer.error == "authorization_pending":
                lost = 0
            elif answer.error == "expired_token" or (late and answer.error == "invalid_grant"):
                raise _expired(code, answer.error) from None
            elif answer.error in _DENIED:
                raise _denied(answer.error) from None
            elif busy and lost < _PATIENCE - 1:
                wait, lost = _slower(wait), lost + 1
            else:
                raise
        except TransportError as error:
            # section 3.5: after a time-out on the way one has to ask less often
            if error.id not in _ON_THE_WAY or lost >= _PATIENCE - 1:
                raise
            wait, lost = _slower(wait), lost + 1
        if clock() >= end:
            raise _expired(code, "")


def _slower(wait: float) -> float:
    return max(wait, min(wait * 2, _LONGEST))


def _code(found: Mapping[str, object], secret: Secret) -> DeviceCode:
    # Google writes verification_url: https://developers.google.com/identity/protocols/oauth2/limited-input-device
    place = _page(found.get("verification_uri") or found.get("verification_url"))
    if not place:
        raise _unusable("It names no page for the code that a browser may be sent to: an https address.")
    typed = found.get("user_code")
    if not isinstance(typed, str) or not typed.strip() or not typed.isprintable() or len(typed) > 100:
        raise _unusable("It holds no code that can be shown.")
    whole = _page(found.get("verification_uri_complete"))
    interval = seconds(found.get("interval"))
    return DeviceCode(
        typed.strip(),
        place,
        whole if whole and origin(whole) == origin(place) else "",
        secret,
        seconds(found.get("expires_in")) or _LIFE,
        _INTERVAL if interval is None else max(_LEAST, interval),
    )


def _page(value: object) -> str:
    """An address that a browser may be sent to: https, or http on this machine; empty for any other."""
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable():
        return ""
    try:
        url = check_url(value)
    except UsageError:
        return ""
    return url if url.lower().startswith("https:") or is_loopback(url) else ""


def _unusable(detail: str) -> OAuthProblem:
    return OAuthProblem(
        "device-answer-unusable",
        "The authorization server's answer for the login by a code cannot be used.",
        detail,
        ("Tell the identity provider's admin.", "Log in with a browser instead: leave out --device."),
        evidence=(Evidence(_PROBE, detail),),
        owner="idp-admin",
    )


def _expired(code: DeviceCode, error: str) -> OAuthProblem:
    return OAuthProblem(
        "device-code-expired",
        f"Nobody finished the login within {code.expires_in:.0f} seconds; the code is void now.",
        "",
        (
            "Start the login again; it shows a new code.",
            f"Open {code.verification_uri}, type the code, and go on until the page says that it is done.",
        ),
        evidence=(Evidence(_PROBE, f"error={error}" if error else "the code's lifetime is over"),),
    )


def _denied(error: str) -> OAuthProblem:
    return OAuthProblem(
        "login-denied",
        "The login was refused, or consent was not given.",
        f"The token endpoint said: {error}.",
        ("Start the login again and allow what the page asks for.",),
        evidence=(Evidence(_PROBE, f"error={error}"),),
    )
