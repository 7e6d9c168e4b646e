"""What a server answers to a request without a credential, and which of its challenges may be followed."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from wizard.challenge import Challenge, parse_challenges

if TYPE_CHECKING:
    from wizard.transport import Transport

_BOTH: Final = "application/json, text/event-stream"
_INITIALIZE: Final = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "authwizard", "version": "1"},
    },
}
_SCHEMES: Final = frozenset({"bearer", "dpop"})


async def challenges_of(
    url: str, speaks: str, transport: Transport, allow: Collection[str] = ()
) -> tuple[Challenge, ...]:
    """The challenges by which the server refuses whoever brings nothing; none where it refuses nobody, or says nothing.

    Raises: TransportError.
    """
    headers = {"Accept": _BOTH}
    if speaks == "mcp":
        body = json.dumps(_INITIALIZE).encode()
        reply = await transport.send(
            "POST", url, headers={**headers, "Content-Type": "application/json"}, body=body
        )
    else:
        reply = await transport.send("GET", url, headers=headers)
    gateway = "gateway-redirect" in allow and reply.status in (302, 303, 307)
    refused = reply.status in (401, 403) or gateway
    return parse_challenges(reply.headers.get_all("www-authenticate")) if refused else ()


def other_scheme(challenges: tuple[Challenge, ...], allow: Collection[str] = ()) -> str:
    """The scheme of a challenge that names metadata as a protected resource's does, and asks for no token by it, as
    Cloudflare Access sends (https://github.com/getsentry/junior/issues/832); empty where there is none, or where one
    beside it can be used."""
    named = [c for c in challenges if c.get("resource_metadata")]
    return named[0].scheme if named and not usable(challenges, allow) else ""


def usable(challenges: tuple[Challenge, ...], allow: Collection[str] = ()) -> tuple[Challenge, ...]:
    """Those that ask for a token (RFC 6750, RFC 9449); of another scheme only where that is allowed by name."""
    if "scheme-not-bearer" in allow:
        return challenges
    return tuple(c for c in challenges if c.scheme.lower() in _SCHEMES)
