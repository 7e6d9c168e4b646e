"""From what a person gave to what is sent: the step between a connection's secrets and its headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wizard.errors import UsageError
from wizard.urls import check_url, is_loopback

from .token_endpoint import BASIC, Granted, OAuthClient, ask

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.secret import Secret
    from wizard.services import Method
    from wizard.transport import Transport

TOKEN: Final = "access_token"  # noqa: S105  # a field's name
_SECRET: Final = "client_secret"  # noqa: S105  # a field's name
_SECONDS: Final = 10.0
_PARAMETERS: Final = ("scope", "resource", "audience")
"""Settings that go along: RFC 6749 section 4.4.2, RFC 8707, and what some providers want in place of the latter."""


def needed(method: Method, secrets: Mapping[str, Secret]) -> bool:
    """Whether these secrets are to be exchanged before anything can be sent."""
    if not method.token_endpoint or TOKEN in secrets or not any(f.id == TOKEN for f in method.derived):
        return False
    return bool(secrets.get(_SECRET))


async def complete(choice: Choice, *, transport: Transport) -> dict[str, Secret]:
    """The secrets, and those derived from them, here or at the token endpoint. The choice's scopes are asked for where
    the setting ``scope`` names none.

    Raises: as `obtain`.
    """
    answer = await obtain(choice, transport=transport)
    from wizard.methods import derived

    held = derived(choice)
    return {**held, TOKEN: answer.access_token} if answer else held


async def obtain(choice: Choice, *, transport: Transport) -> Granted | None:
    """What the token endpoint answers; None where nothing is to be exchanged (`needed`).

    Raises:
        TokenRefused: the endpoint gives no token. TransportError: no answer was had.
        UsageError: ``token-endpoint-missing``, ``token-endpoint-not-https``, ``not-a-url``, ``unknown-authentication``.
    """
    secrets = choice.secrets
    if not needed(choice.method, secrets):
        return None
    from wizard.methods import endpoint_of, texts

    endpoint = endpoint_of(choice)
    if not endpoint:
        raise UsageError(
            "token-endpoint-missing",
            "The address of the token endpoint is missing.",
            "",
            ["Say it with --set token_endpoint=https://...; the issuer's metadata names it."],
        )
    endpoint = check_url(endpoint)
    if endpoint.lower().startswith("http:") and "http" not in choice.allow and not is_loopback(endpoint):
        raise UsageError(
            "token-endpoint-not-https",
            "Over plain http anyone on the way could read the client secret.",
            "The token endpoint's address begins with http://.",
            ["Use its https address.", "Or allow it by name: --allow http"],
        )
    known = texts(choice)
    secret_id = secrets.get("client_id")
    client = OAuthClient(
        known.get("client_id", "") or (secret_id.reveal() if secret_id else ""),
        secrets[_SECRET],
        known.get("token_endpoint_auth_method", "") or BASIC,
    )
    grant: dict[str, str | Secret] = {
        "grant_type": "client_credentials",
        **{name: known.get(name, "") for name in _PARAMETERS},
    }
    grant["scope"] = grant["scope"] or " ".join(choice.scopes)
    return await ask(endpoint, client, grant, transport)


def completed(choice: Choice, *, ca: str | None = None, timeout: float = _SECONDS) -> dict[str, Secret]:
    """As `complete`, for a caller that does not wait for anything else; ``timeout`` in seconds.

    Raises: as `obtain`.
    """
    if not needed(choice.method, choice.secrets):
        from wizard.methods import derived

        return derived(choice)
    import asyncio

    from wizard.transport import Transport

    async def run() -> dict[str, Secret]:
        async with Transport(timeout=timeout, ca=ca) as transport:
            return await complete(choice, transport=transport)

    return asyncio.run(run())
