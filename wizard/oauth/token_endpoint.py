"""The token endpoint (RFC 6749 section 3.2): one request, and an access token or a refusal with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.secret import Secret

from .client_auth import AUTHENTICATIONS, BASIC, KEY, POST, PUBLIC, OAuthClient
from .posting import Posted, TokenRefused, post, refused, shown

if TYPE_CHECKING:
    from wizard.providers import TokenAnswer
    from wizard.transport import Transport

__all__ = [
    "AUTHENTICATIONS",
    "BASIC",
    "BEARER",
    "DPOP",
    "KEY",
    "NO_ACCESS_TOKEN",
    "POST",
    "PUBLIC",
    "Granted",
    "OAuthClient",
    "TokenRefused",
    "ask",
]

BEARER: Final = "Bearer"
DPOP: Final = "DPoP"
NO_ACCESS_TOKEN: Final = "N_A"  # noqa: S105  # RFC 8693 section 2.2.1: what was issued is another kind of token


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token endpoint gave (RFC 6749 section 5.1). ``expires_in`` is in seconds from the answer, None where it
    was not said; ``scopes`` are those granted, None where the answer leaves them out (then they are those asked for).
    ``number`` is the exchange's. ``token_type`` is `BEARER`, `DPOP` (RFC 9449, only where a proof went along) or, where
    it was asked for, `NO_ACCESS_TOKEN`. ``issued`` is what a token exchange issued (RFC 8693 section 2.2.1)."""

    access_token: Secret
    expires_in: float | None
    scopes: tuple[str, ...] | None
    refresh_token: Secret | None
    id_token: Secret | None
    status: int
    number: int
    token_type: str = BEARER
    issued: str = ""


async def ask(
    endpoint: str,
    client: OAuthClient,
    grant: Mapping[str, str | Secret],
    transport: Transport,
    *,
    kinds: tuple[str, ...] = (BEARER,),
    shape: TokenAnswer | None = None,
) -> Granted:
    """Ask for a token. ``grant`` are the parameters of the grant, ``grant_type`` among them; empty ones are left out.
    ``kinds`` are the token types that can be used; `DPOP` is one of them wherever ``transport`` signs what it sends to
    this endpoint. ``shape`` is as for `posting.post`.

    Raises:
        TokenRefused: the endpoint gave no usable token.
        TransportError: no answer was had. UsageError: as `client_auth.prepared`; ``not-a-url``.
    """
    posted = await post(endpoint, client, grant, transport, shape=shape)
    found, held, reply = posted.members, posted.held, posted.reply
    if reply.status != 200 or "error" in found or "access_token" not in held:
        kind = grant.get("grant_type", "")
        raise refused(posted, transport, grant=kind if isinstance(kind, str) else "")
    token_type = _kind(posted, (*kinds, DPOP) if posted.proven else kinds, transport)
    if not _sendable(held["access_token"]):
        raise TokenRefused(
            "The token endpoint gives an access token that cannot be sent.",
            "It holds a space, a control character or one outside ASCII.",
            ("Tell the identity provider's admin.",),
            status=reply.status,
            number=reply.number,
            endpoint=transport.redact(reply.url),
        )
    scope, issued = found.get("scope"), found.get("issued_token_type")
    return Granted(
        held["access_token"],
        seconds(found.get("expires_in")),
        tuple(scope.split()) if isinstance(scope, str) else None,
        held.get("refresh_token"),
        held.get("id_token"),
        reply.status,
        reply.number,
        token_type,
        issued if isinstance(issued, str) else "",
    )


def _kind(posted: Posted, kinds: tuple[str, ...], transport: Transport) -> str:
    """The token's type as this program writes it: servers differ in its case, and RFC 6749 section 5.1 allows that."""
    said = posted.members.get("token_type", kinds[0])
    known = {kind.lower(): kind for kind in kinds}
    if isinstance(said, str) and said.lower() in known:
        return known[said.lower()]
    expected = " or ".join(kinds)
    raise TokenRefused(
        "The token endpoint gives a token of a kind that this program cannot send.",
        f"token_type is {shown(said, transport)}; expected {expected}.",
        ("Ask the identity provider's admin for a client that gets bearer tokens.",),
        status=posted.reply.status,
        number=posted.reply.number,
        endpoint=transport.redact(posted.reply.url),
    )


def _sendable(token: Secret) -> bool:
    return all(0x20 < ord(c) < 0x7F for c in token.reveal())


def seconds(value: object) -> float | None:
    """A lifetime; some servers write the number as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None
