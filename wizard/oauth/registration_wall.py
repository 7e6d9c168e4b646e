"""A firewall that takes a redirect URI on 127.0.0.1 for an attack: the same registration, with one word changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wizard.errors import TransportError
from wizard.livetest import Evidence

from .problems import OAuthProblem

if TYPE_CHECKING:
    from wizard.transport import Transport

CAUSE: Final = "waf-loopback-redirect-uri-rfi"
_NOBODY: Final = "none-of-these"
"""A way of authentication that no server knows: what is asked with it registers nothing."""
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}


async def wall(
    endpoint: str, wanted: Mapping[str, object], redirect_uri: str, transport: Transport
) -> OAuthProblem | None:
    """The problem, where 403 comes for ``http://127.0.0.1`` and not for ``http://localhost``. Both are asked in a form
    that registers no client. None where it is something else."""
    if "//127.0.0.1" not in redirect_uri:
        return None
    by_name = redirect_uri.replace("//127.0.0.1", "//localhost", 1)
    try:
        first = await _status(endpoint, wanted, redirect_uri, transport)
        second = await _status(endpoint, wanted, by_name, transport)
    except TransportError:
        return None
    if first != 403 or second in (403, 429) or second >= 500:
        return None
    where = transport.redact(endpoint)
    return OAuthProblem(
        CAUSE,
        "A firewall before the authorization server refuses a redirect URI on 127.0.0.1, and takes one on localhost.",
        f"It answered 403 to {redirect_uri}, and {second} to {by_name}.",
        evidence=(
            Evidence("registration", f"POST {where} with redirect URI {redirect_uri} is answered {first}"),
            Evidence("registration", f"the same with {by_name} is answered {second}"),
        ),
    )


async def _status(
    endpoint: str, wanted: Mapping[str, object], redirect_uri: str, transport: Transport
) -> int:
    body = {**wanted, "redirect_uris": [redirect_uri], "token_endpoint_auth_method": _NOBODY}
    reply = await transport.send("POST", endpoint, headers=_HEADERS, body=json.dumps(body).encode())
    return reply.status
