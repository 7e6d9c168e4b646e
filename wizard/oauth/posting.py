"""A form posted to an endpoint of an authorization server, and what came back: members, tokens, or a refusal.

The client's secret goes to this address alone: no redirect is followed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from wizard.errors import JobError
from wizard.secret import Secret

from .client_auth import OAuthClient, prepared

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.providers import TokenAnswer
    from wizard.transport import Transport

TOKENS: Final = ("access_token", "refresh_token", "id_token")
TOKEN_ENDPOINT: Final = "token endpoint"  # noqa: S105  # what it is called
_LONGEST: Final = 300
_LONGEST_TOKEN: Final = 64_000
"""Characters. A longer one could be sent in no header, and would take memory without end to be looked for."""
_GRANTS: Final[Mapping[str, str]] = {
    "client_credentials": "the client credentials grant (service account)",
    "authorization_code": "the authorization code grant",
    "refresh_token": "the refresh token grant",
    "urn:ietf:params:oauth:grant-type:device_code": "the device flow",
    "urn:ietf:params:oauth:grant-type:token-exchange": "token exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "the JWT bearer grant",
}
_FIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "invalid_client": (
        "Compare the client id with the one that the identity provider shows.",
        "Make a new client secret there and copy its value, not its id.",
        "If the provider wants the secret in the body: --set token_endpoint_auth_method=client_secret_post",
    ),
    "unauthorized_client": (
        "Compare the client id and the client secret with what the identity provider shows.",
        "Allow the client to use {grant}.",
    ),
    "invalid_scope": ("Ask only for scopes that the client was given at the identity provider.",),
    "invalid_target": ("Name the resource exactly as the identity provider knows it.",),
    "unsupported_grant_type": ("Allow {grant} at the identity provider.",),
}


@dataclass(frozen=True, slots=True, repr=False)
class Posted:
    """An answer. ``members`` are those of its JSON or form, none of anything else; ``held`` those that are secrets, by
    name; ``proven`` whether the request carried a signer's proof."""

    reply: Reply
    members: Mapping[str, object]
    held: Mapping[str, Secret]
    proven: bool = False


class TokenRefused(JobError):
    """Nothing was given. ``error`` is the code of RFC 6749 section 5.2, empty where the answer names none;
    ``status`` the answer's; ``description`` its sentence; ``number`` the exchange's; ``endpoint`` who was asked."""

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
        endpoint: str = "",
    ) -> None:
        super().__init__("token-refused", title, detail, fix)
        self.status = status
        self.error = error
        self.description = description
        self.number = number
        self.endpoint = endpoint


async def post(
    endpoint: str,
    client: OAuthClient,
    parameters: Mapping[str, str | Secret],
    transport: Transport,
    *,
    secrets: tuple[str, ...] = TOKENS,
    shape: TokenAnswer | None = None,
) -> Posted:
    """Post the parameters as this client; empty ones are left out. ``secrets`` are the members of the answer that must
    not be recorded, ``shape`` how this provider wants to be asked, and answers, where that is not the standard's way.

    Raises: TransportError: no answer was had. UsageError: as `client_auth.prepared`; ``not-a-url``.
    """
    headers, body = prepared(endpoint, client, parameters, transport.know)
    mine = (*headers.values(), *parameters.values(), client.secret, client.private_key)
    transport.know(*(v for v in mine if isinstance(v, Secret)))
    if shape is not None and shape.body == "json":
        headers["Content-Type"] = "application/json"
        body = _as_json(body)
    async with transport.stream("POST", endpoint, headers=headers, body=body) as answer:
        content = await answer.read()
        found = _members(content)
        found = found if shape is None else shape.plain(found)
        # what was given is made known before the exchange is recorded, at the end of this block
        texts = {n: v for n in secrets if isinstance(v := found.get(n), str)}
        held = {n: Secret(v) for n, v in texts.items() if 0 < len(v) <= _LONGEST_TOKEN}
        transport.know(*held.values())
    from wizard.exchange import Reply

    reply = Reply(answer.status, answer.headers, content, endpoint, answer.number)
    return Posted(reply, found, held, answer.signed)


def refused(
    posted: Posted, transport: Transport, *, grant: str = "", at: str = TOKEN_ENDPOINT
) -> TokenRefused:
    """The refusal, in a sentence. ``grant`` is the grant type asked for, ``at`` what the endpoint is called."""
    reply = posted.reply
    error, description = (shown(part, transport) for part in _reason(posted.members))
    said = " ".join(part for part in (str(reply.status), error) if part)
    fix = tuple(step.format(grant=_GRANTS.get(grant, "this grant")) for step in _FIXES.get(error, ()))
    if reply.status == 200 and not error:
        lacks = "access token" if at == TOKEN_ENDPOINT else "code"
        title = f"The {at}'s answer holds no {lacks}."
        fix = (f"Check the address: is it the {at}, and not the one for signing in?",)
    elif 300 <= reply.status < 400:
        title = f"The {at} sends on to another address; a client secret is not sent there."
        fix = (f"Give the address where the {at} really answers.",)
    elif not error and reply.status in (404, 405, 410):
        title = f"There is no {at} at this address: it answered {said}."
        fix = (f"Correct {at.replace(' ', '_')}; the issuer's metadata names it.",)
    elif reply.status == 429 or reply.status >= 500:
        gives = "token" if at == TOKEN_ENDPOINT else "code"
        title = f"The {at} gives no {gives} now: it answered {said}."
        fix = ("Try again later.", "If it goes on, tell the identity provider's admin.")
    else:
        title = f"The {at} refused: {said}."
    return TokenRefused(
        title,
        description,
        fix or (f"Compare client id, secret, scope and {at} with what the identity provider shows.",),
        status=reply.status,
        error=error,
        description=description,
        number=reply.number,
        endpoint=transport.redact(reply.url),
    )


def shown(value: object, transport: Transport) -> str:
    """One redacted line of what a server said."""
    text = transport.redact(value if isinstance(value, str) else json.dumps(value, default=str))
    plain = "".join(c if c.isprintable() else " " for c in text[: _LONGEST * 4])
    return " ".join(plain.split())[:_LONGEST]


def _as_json(body: Callable[[], bytes]) -> Callable[[], bytes]:
    """The same parameters as a JSON object."""

    def made() -> bytes:
        return json.dumps(dict(parse_qsl(body().decode("ascii"), keep_blank_values=True))).encode()

    return made


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
