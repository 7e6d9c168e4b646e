"""From what a person gave to what is sent: the step between a connection's secrets and its headers."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from wizard.errors import UsageError
from wizard.names import LOGIN
from wizard.urls import check_url, is_loopback

from .problems import OAuthProblem
from .token_endpoint import BASIC, DPOP, KEY, Granted, OAuthClient, ask

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.secret import Secret
    from wizard.services import Method
    from wizard.transport import Transport

    from .model import Login

TOKEN: Final = "access_token"  # noqa: S105  # a field's name
_SECRET: Final = "client_secret"  # noqa: S105  # a field's name
_KEY: Final = "private_key"
_SECONDS: Final = 10.0
_PARAMETERS: Final = ("scope", "resource", "audience")
"""Settings that go along: RFC 6749 section 4.4.2, RFC 8707, and what some providers want in place of the latter."""


def needed(method: Method, secrets: Mapping[str, Secret]) -> bool:
    """Whether these secrets are to be exchanged before anything can be sent: at a token endpoint, or for a login."""
    from wizard.methods import kinds

    if TOKEN in secrets or not any(f.id == TOKEN for f in method.derived):
        return False
    if kinds.get(method.kind).flows:
        return True
    return bool(method.token_endpoint and any(secrets.get(name) for name in (_SECRET, _KEY)))


async def complete(choice: Choice, *, transport: Transport) -> dict[str, Secret]:
    """The secrets, and those derived from them, here, at the token endpoint, or by the login that is kept: that is
    renewed where it has to be. The login itself is none of what is sent. The choice's scopes are asked for where the
    setting ``scope`` names none.

    Raises: as `obtain`; OAuthProblem ``dpop-or-mtls-bound-token-sent-as-bearer`` where no header can carry the token.
    """
    return _carried(choice, await obtain(choice, transport=transport))


def _carried(choice: Choice, answer: Granted | None) -> dict[str, Secret]:
    from wizard.methods import derived

    held = {name: secret for name, secret in derived(choice).items() if name != LOGIN}
    if answer is None:
        return held
    if answer.token_type == DPOP:
        raise OAuthProblem(
            "dpop-or-mtls-bound-token-sent-as-bearer",
            "The access token is bound to a key, so that no header alone can carry it.",
            "Each request needs a proof of its own (RFC 9449), which this program makes only for requests of its own.",
            ("Ask the identity provider's admin for a client that gets bearer tokens.",),
            owner="idp-admin",
        )
    return {**held, TOKEN: answer.access_token}


async def obtain(choice: Choice, *, transport: Transport) -> Granted | None:
    """What the token endpoint answers, or the login that is kept says; None where nothing is to be exchanged
    (`needed`). For what needs no person, the endpoint is found out where it is not known.

    Raises:
        TokenRefused: the endpoint gives no token. TransportError: no answer was had.
        OAuthProblem: as `sessions.current` and `flow.log_in`.
        UsageError: ``token-endpoint-missing``, ``token-endpoint-not-https``, ``not-a-url``, ``unknown-authentication``.
    """
    secrets = choice.secrets
    if not needed(choice.method, secrets):
        return None
    from wizard.methods import endpoint_of, kinds, texts

    if kinds.get(choice.method.kind).flows:
        return _as_granted(await _login(choice, transport))
    endpoint = endpoint_of(choice)
    if not endpoint and choice.speaks == "mcp":
        return _as_granted(await _login(choice, transport))
    endpoint = checked_endpoint(endpoint, choice.allow)
    known = texts(choice)
    secret_id = secrets.get("client_id")
    key = secrets.get(_KEY)
    client = OAuthClient(
        known.get("client_id", "") or (secret_id.reveal() if secret_id else ""),
        secrets.get(_SECRET),
        known.get("token_endpoint_auth_method", "") or (KEY if key else BASIC),
        key,
        known.get("signing_algorithm", ""),
        known.get("issuer", ""),
    )
    grant: dict[str, str | Secret] = {
        "grant_type": "client_credentials",
        **{name: known.get(name, "") for name in _PARAMETERS},
    }
    grant["scope"] = grant["scope"] or " ".join(choice.scopes)
    return await ask(endpoint, client, grant, transport)


def checked_endpoint(endpoint: str, allow: Collection[str] = ()) -> str:
    """The address of a token endpoint, if a client secret or a refresh token may go there.

    Raises: UsageError: ``token-endpoint-missing``, ``token-endpoint-not-https``, ``not-a-url``.
    """
    if not endpoint:
        raise UsageError(
            "token-endpoint-missing",
            "The address of the token endpoint is missing.",
            "",
            ["Say it with --set token_endpoint=https://...; the issuer's metadata names it."],
        )
    endpoint = check_url(endpoint)
    if endpoint.lower().startswith("http:") and "http" not in allow and not is_loopback(endpoint):
        raise UsageError(
            "token-endpoint-not-https",
            "Over plain http anyone on the way could read the client secret.",
            "The token endpoint's address begins with http://.",
            ["Use its https address.", "Or allow it by name: --allow http"],
        )
    return endpoint


async def _login(choice: Choice, transport: Transport) -> Login:
    """The login that is kept, or one that needs no person."""
    from wizard.methods import kinds

    from . import sessions

    if LOGIN in choice.secrets or kinds.get(choice.method.kind).person:
        return await sessions.login_of(choice, transport)
    from .flow import log_in
    from .person import silent

    return await log_in(choice, transport, silent())


def _good(choice: Choice) -> Granted | None:
    """The login that is kept, where its access token is good for a while: then nobody is asked, and a client that waits
    for its headers waits for no HTTP library either."""
    if LOGIN not in choice.secrets:
        return None
    from . import kept as keeping

    held = keeping.for_choice(choice.secrets[LOGIN], choice)
    return None if keeping.spent(held, time.time()) else _as_granted(held.login)


def _as_granted(login: Login) -> Granted:
    left = None if login.expires_at is None else max(0.0, login.expires_at - time.time())
    return Granted(
        login.access_token,
        left,
        login.scopes,
        login.refresh_token,
        login.id_token,
        200,
        0,
        login.token_type,
    )


def completed(choice: Choice, *, ca: str | None = None, timeout: float = _SECONDS) -> dict[str, Secret]:
    """As `complete`, for a caller that does not wait for anything else; ``timeout`` in seconds.

    Raises: as `obtain`.
    """
    if not needed(choice.method, choice.secrets):
        from wizard.methods import derived

        return derived(choice)
    if (answer := _good(choice)) is not None:
        return _carried(choice, answer)
    import asyncio

    from wizard import lookups
    from wizard.transport import Transport

    async def run() -> dict[str, Secret]:
        lookups.apart()
        async with Transport(timeout=timeout, ca=ca) as transport:
            return await complete(choice, transport=transport)

    return asyncio.run(run())
