"""How a client shows an authorization server who it is: by its secret, by a key of its own, or by its id alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus, urlencode

from wizard.errors import UsageError
from wizard.secret import Secret

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
PUBLIC: Final = "none"
KEY: Final = "private_key_jwt"
UNCODED: Final = "client_secret_basic, not form-encoded"
"""Against RFC 6749 section 2.3.1, and what some servers expect all the same: to find that out, never chosen."""
AUTHENTICATIONS: Final = (BASIC, POST, PUBLIC, KEY)
"""RFC 7591 section 2: in the Authorization header, in the body, by its id alone, by a signed JWT (RFC 7523 2.2)."""

_JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS: Final = 240
"""A client's assertion lives so long: some servers take no longer one than five minutes, and clocks differ."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A client as an authorization server knows it; ``authentication`` is one of `AUTHENTICATIONS`.

    For ``private_key_jwt``: ``private_key`` is PEM or a JWK, ``algorithm`` empty for the one that goes with the key,
    ``audience`` the issuer (MCP's extension for client credentials), empty for the endpoint that is asked (RFC 7523
    section 3). ``redirect_uris`` are those that the server said it registered, empty where it did not say."""

    id: str
    secret: Secret | None = None
    authentication: str = BASIC
    private_key: Secret | None = None
    algorithm: str = ""
    audience: str = ""
    redirect_uris: tuple[str, ...] = ()


Body = Callable[[], bytes]
"""Makes the body of each attempt: an assertion may be shown once (RFC 7523 section 3, ``jti``)."""


def prepared(
    endpoint: str,
    client: OAuthClient,
    parameters: Mapping[str, str | Secret],
    know: Callable[[Secret], None],
) -> tuple[dict[str, Secret | str], Body]:
    """Headers and body of a form that this client posts to an endpoint of its authorization server. Empty parameters
    are left out; ``know`` hears of each secret that is made for it.

    Raises: UsageError ``unknown-authentication``, ``private-key-missing``, and as `keys.signing_key`.
    """
    way = client.authentication
    if way not in (*AUTHENTICATIONS, UNCODED):
        raise UsageError(
            "unknown-authentication",
            "There is no such way of showing the token endpoint who the client is.",
            f"There is: {', '.join(AUTHENTICATIONS)}.",
            [f"Leave token_endpoint_auth_method out for {BASIC}."],
        )
    secret, named = _whole(client.secret or ""), _whole(client.id)
    if way == BASIC:
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined; authlib joins them as they are
        named, secret = quote_plus(named), quote_plus(secret)
    way = BASIC if way == UNCODED else way
    plain = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    form = [(n, _whole(v)) for n, v in parameters.items() if v]
    assertion = _asserting(endpoint, client) if way == KEY else None

    def prepare(more: list[tuple[str, str]]) -> tuple[Mapping[str, str], str]:
        if way in (PUBLIC, KEY):
            own = [("client_id", named)] if named else []
            return plain, urlencode([*form, *more, *own])
        from authlib.oauth2.auth import ClientAuth

        auth = ClientAuth(named, secret, way)
        _, headers, body = auth.prepare("POST", endpoint, dict(plain), urlencode([*form, *more]))
        return headers, str(body)

    def body() -> bytes:
        if assertion is None:
            return prepare([])[1].encode("ascii")
        token = assertion()
        know(token)
        shown = [("client_assertion_type", _JWT_BEARER), ("client_assertion", token.reveal())]
        return prepare(shown)[1].encode("ascii")

    headers = {n: v if n in plain else Secret(v) for n, v in prepare([])[0].items()}
    return headers, body


def _asserting(endpoint: str, client: OAuthClient) -> Callable[[], Secret]:
    """RFC 7523 sections 2.2 and 3: a new JWT at each call."""
    import uuid

    from .keys import signing_key

    if not client.private_key:
        raise UsageError(
            "private-key-missing",
            "The client shows who it is by a private key, and none was given.",
            "",
            ["Give the key: --secret private_key=file:PATH"],
        )
    key = signing_key(client.private_key, client.algorithm)

    def made() -> Secret:
        now = int(time.time())
        return key.sign(
            {
                "iss": client.id,
                "sub": client.id,
                "aud": client.audience or endpoint,
                "jti": str(uuid.uuid4()),
                "iat": now,
                "exp": now + _SECONDS,
            }
        )

    return made


def _whole(value: str | Secret) -> str:
    """The text to be sent; half a character (a lone surrogate) as a question mark, for it has no bytes."""
    text = value.reveal() if isinstance(value, Secret) else value
    return text.encode("utf-8", "replace").decode()
