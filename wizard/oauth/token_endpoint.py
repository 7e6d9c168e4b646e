"""The token endpoint (RFC 6749 section 3.2): one request, and an access token or a refusal with its reason.

The client's secret goes to this address alone: no redirect is followed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote_plus

from wizard.errors import JobError, UsageError
from wizard.secret import Secret

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.transport import Transport

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
AUTHENTICATIONS: Final = (BASIC, POST, "none")
"""How a client shows who it is (RFC 7591 section 2): in the Authorization header, in the body, or by its id alone."""

_LONGEST: Final = 300
_FIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "invalid_client": (
        "Compare the client id with the one that the identity provider shows.",
        "Make a new client secret there and copy its value, not its id.",
        "If the provider wants the secret in the body: --set token_endpoint_auth_method=client_secret_post",
    ),
    "unauthorized_client": (
        "Compare the client id and the client secret with what the identity provider shows.",
        "Allow the client to use the client credentials grant (service account).",
    ),
    "invalid_scope": ("Ask only for scopes that the client was given at the identity provider.",),
    "invalid_target": ("Name the resource exactly as the identity provider knows it.",),
    "unsupported_grant_type": ("Allow the client credentials grant at the identity provider.",),
}


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A client as its token endpoint knows it; ``authentication`` is one of `AUTHENTICATIONS`."""

    id: str
    secret: Secret | None = None
    authentication: str = BASIC


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token endpoint gave (RFC 6749 section 5.1). ``expires_in`` is in seconds from the answer, None where it
    was not said; ``scopes`` are those granted, None where the answer leaves them out (then they are those asked for).
    ``number`` is the exchange's."""

    access_token: Secret
    expires_in: float | None
    scopes: tuple[str, ...] | None
    refresh_token: Secret | None
    id_token: Secret | None
    status: int
    number: int


class TokenRefused(JobError):
    """No access token was given. ``error`` is the code of RFC 6749 section 5.2, empty where the answer names none;
    ``status`` the answer's; ``description`` its sentence; ``number`` the exchange's."""

    def __init__(
        self,
        title: str,
        detail: str,
        fix: tuple[str, ...],
        *,
        status: int,
        error: str = "",
        description: str = "",
        number: int = 0,
    ) -> None:
        super().__init__("token-refused", title, detail, fix)
        self.status = status
        self.error = error
        self.description = description
        self.number = number


async def ask(
    endpoint: str, client: OAuthClient, grant: Mapping[str, str | Secret], transport: Transport
) -> Granted:
    """Ask for a token. ``grant`` are the parameters of the grant, ``grant_type`` among them; empty ones are left out.

    Raises:
        TokenRefused: the endpoint gave no usable token.
        TransportError: no answer was had. UsageError: ``unknown-authentication``, ``not-a-url``.
    """
    headers, body = _request(endpoint, client, grant)
    transport.know(*(v for v in (*headers.values(), *grant.values(), client.secret) if isinstance(v, Secret)))
    async with transport.stream("POST", endpoint, headers=headers, body=body) as answer:
        content = await answer.read()
        found = _members(content)
        # what was given is made known before the exchange is recorded, at the end of this block
        held = {n: Secret(v) for n in _TOKENS if isinstance(v := found.get(n), str) and v}
        transport.know(*held.values())
    from wizard.exchange import Reply

    reply = Reply(answer.status, answer.headers, content, endpoint, answer.number)
    if reply.status != 200 or "error" in found or "access_token" not in held:
        raise _refused(reply, found, transport)
    kind = found.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenRefused(
            "The token endpoint gives a token of a kind that this program cannot send.",
            f"token_type is {_shown(kind, transport)}; expected Bearer.",
            ("Ask the identity provider's admin for a client that gets bearer tokens.",),
            status=reply.status,
            number=reply.number,
        )
    if not _sendable(held["access_token"]):
        raise TokenRefused(
            "The token endpoint gives an access token that cannot be sent.",
            "It holds a space, a control character or one outside ASCII.",
            ("Tell the identity provider's admin.",),
            status=reply.status,
            number=reply.number,
        )
    scope = found.get("scope")
    return Granted(
        held["access_token"],
        _seconds(found.get("expires_in")),
        tuple(scope.split()) if isinstance(scope, str) else None,
        held.get("refresh_token"),
        held.get("id_token"),
        reply.status,
        reply.number,
    )


_TOKENS: Final = ("access_token", "refresh_token", "id_token")


def _request(
    endpoint: str, client: OAuthClient, grant: Mapping[str, str | Secret]
) -> tuple[dict[str, Secret | str], bytes]:
    from authlib.common.urls import url_encode
    from authlib.oauth2.auth import ClientAuth

    if client.authentication not in AUTHENTICATIONS:
        raise UsageError(
            "unknown-authentication",
            "There is no such way of showing the token endpoint who the client is.",
            f"There is: {', '.join(AUTHENTICATIONS)}.",
            [f"Leave token_endpoint_auth_method out for {BASIC}."],
        )
    secret, named = _whole(client.secret or ""), _whole(client.id)
    if client.authentication == BASIC:
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined; authlib joins them as they are
        named, secret = quote_plus(named), quote_plus(secret)
    plain = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    form = [(n, _whole(v)) for n, v in grant.items() if v]
    _, sent, body = ClientAuth(named, secret, client.authentication).prepare(
        "POST", endpoint, dict(plain), url_encode(form)
    )
    headers: dict[str, Secret | str] = {n: v if n in plain else Secret(v) for n, v in sent.items()}
    return headers, str(body).encode("ascii")


def _whole(value: str | Secret) -> str:
    """The text to be sent; half a character (a lone surrogate) as a question mark, for it has no bytes."""
    text = value.reveal() if isinstance(value, Secret) else value
    return text.encode("utf-8", "replace").decode()


def _members(content: bytes) -> dict[str, object]:
    """The answer's members, from JSON or (as GitHub answers by default) from a form; none of anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        text = content.decode("utf-8", "replace").strip()
        if "=" not in text or any(c in text for c in "<>{} \n"):
            return {}
        return dict(parse_qsl(text, max_num_fields=None, keep_blank_values=True))
    return found if isinstance(found, dict) else {}


def _refused(reply: Reply, found: Mapping[str, object], transport: Transport) -> TokenRefused:
    error, description = _reason(found)
    error, description = _shown(error, transport), _shown(description, transport)
    said = " ".join(part for part in (str(reply.status), error) if part)
    fix = _FIXES.get(error, ())
    if reply.status == 200 and not error:
        title = "The token endpoint's answer holds no access token."
        fix = ("Check the address: is it the token endpoint, and not the one for signing in?",)
    elif 300 <= reply.status < 400:
        title = "The token endpoint sends on to another address; a client secret is not sent there."
        fix = ("Give the address where the token endpoint really answers.",)
    elif not error and reply.status in (404, 405, 410):
        title = f"There is no token endpoint at this address: it answered {said}."
        fix = ("Correct token_endpoint; the issuer's metadata names it.",)
    elif reply.status == 429 or reply.status >= 500:
        title = f"The token endpoint gives no token now: it answered {said}."
        fix = ("Try again later.", "If it goes on, tell the identity provider's admin.")
    else:
        title = f"The token endpoint refused: {said}."
    return TokenRefused(
        title,
        description,
        fix
        or ("Compare client id, secret, scope and token endpoint with what the identity provider shows.",),
        status=reply.status,
        error=error,
        description=description,
        number=reply.number,
    )


def _reason(found: Mapping[str, object]) -> tuple[str, str]:
    """Code and sentence: RFC 6749 section 5.2, and the ways of those who answer otherwise."""
    error = found.get("error")
    inner = error if isinstance(error, Mapping) else found
    code = error if isinstance(error, str) else next(_texts(inner, "code", "status", "errorCode", "type"), "")
    text = next(
        _texts(inner, "error_description", "errorSummary", "message", "detail", "error_message", "title"), ""
    )
    return code, text


def _texts(found: Mapping[str, object], *names: str) -> Iterator[str]:
    return (v for n in names if isinstance(v := found.get(n), str) and v)


def _shown(value: object, transport: Transport) -> str:
    """One redacted line of what the endpoint said."""
    text = transport.redact(value if isinstance(value, str) else json.dumps(value, default=str))
    plain = "".join(c if c.isprintable() else " " for c in text[: _LONGEST * 4])
    return " ".join(plain.split())[:_LONGEST]


def _sendable(token: Secret) -> bool:
    return all(0x20 < ord(c) < 0x7F for c in token.reveal())


def _seconds(value: object) -> float | None:
    """A lifetime; some servers write the number as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
