"""Telling an issuer that a login has ended (RFC 7009): the refresh token first, for it can make new access tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.errors import AuthwizardError, UsageError

from .client_auth import OAuthClient
from .complete import checked_endpoint
from .model import Login
from .posting import post, refused

if TYPE_CHECKING:
    from wizard.secret import Secret
    from wizard.transport import Transport

_ENDPOINT: Final = "revocation_endpoint"
_CALLED: Final = "revocation endpoint"
_DONE: Final = frozenset({200, 202, 204})
"""RFC 7009 section 2.2 names 200 alone; a token that the server does not know is answered by it as well."""
_GONE: Final = "invalid_token"
"""Beside 200: the token has ended already, which by section 2.2 is no error. Keycloak ends a login's whole session with
its refresh token, and says this of the access token (https://github.com/keycloak/keycloak/pull/6704)."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """What became of one token: ``token`` is its kind (``refresh_token``, ``access_token``), ``says`` why it was not
    revoked, redacted; empty where it was. ``lasts`` is True where the issuer revokes no token of this kind (RFC 7009
    section 2.2.1), such as a JWT, which ends by itself."""

    token: str
    says: str = ""
    lasts: bool = False

    @property
    def ok(self) -> bool:
        """Whether the issuer took it."""
        return not self.says

    @property
    def told(self) -> tuple[str, str]:
        """A state (``works``, ``warning``, ``broken``), and what to say of it."""
        if self.lasts:
            return "warning", "the issuer revokes none of this kind; it stays good until its end"
        return ("works", "revoked at the issuer") if self.ok else ("broken", f"not revoked: {self.says}")

    def as_json(self) -> dict[str, object]:
        """The command line's form."""
        return {"token": self.token, "ok": self.ok, "says": self.says}


def advertised(login: Login) -> bool:
    """Whether the issuer's metadata names where tokens are revoked."""
    return bool(login.endpoints.get(_ENDPOINT))


async def revoke(
    login: Login, client: OAuthClient, transport: Transport, *, allow: tuple[str, ...] = ()
) -> tuple[Revoked, ...]:
    """Revoke the login's tokens; nothing where the issuer names no endpoint for it. What fails is part of the answer,
    never raised."""
    if not advertised(login):
        return ()
    held = (("refresh_token", login.refresh_token), ("access_token", login.access_token))
    try:
        endpoint = checked_endpoint(login.endpoints[_ENDPOINT], allow)
    except UsageError as problem:
        return tuple(Revoked(kind, problem.title) for kind, token in held if token is not None)
    return tuple(
        [await _one(endpoint, client, (kind, token), transport) for kind, token in held if token is not None]
    )


async def _one(endpoint: str, client: OAuthClient, held: tuple[str, Secret], transport: Transport) -> Revoked:
    kind, token = held
    try:
        posted = await post(endpoint, client, {"token": token, "token_type_hint": kind}, transport)
    except AuthwizardError as problem:
        return Revoked(kind, transport.redact(problem.title))
    if posted.reply.status in _DONE and posted.members.get("error", _GONE) == _GONE:
        return Revoked(kind)
    told = refused(posted, transport, at=_CALLED)
    return Revoked(kind, f"{told.title} {told.detail}".strip(), told.error == "unsupported_token_type")
