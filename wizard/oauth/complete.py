"""From what a person gave to what is sent: the step between a connection's secrets and its headers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from wizard.errors import UsageError
from wizard.urls import check_url, is_loopback

from .token_endpoint import BASIC, Granted, OAuthClient, ask

if TYPE_CHECKING:
    from wizard.secret import Secret
    from wizard.services import Environment, Method, Service
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


async def complete(  # noqa: PLR0917  # the six words of a choice, in the order of wizard.methods
    service: Service,
    environment: Environment,
    method: Method,
    url: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    *,
    transport: Transport,
    scopes: Collection[str] = (),
    allow: Collection[str] = (),
) -> dict[str, Secret]:
    """The secrets, and those derived from them, here or at the token endpoint. ``scopes`` are asked for where the
    setting ``scope`` names none; ``allow`` are the leniencies that the person named.

    Raises: as `obtain`.
    """
    answer = await obtain(
        service, environment, method, url, settings, secrets, transport=transport, scopes=scopes, allow=allow
    )
    from wizard.methods import derived

    held = derived(service, environment, method, url, settings, secrets)
    return {**held, TOKEN: answer.access_token} if answer else held


async def obtain(  # noqa: PLR0917  # the six words of a choice, in the order of wizard.methods
    service: Service,
    environment: Environment,
    method: Method,
    url: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    *,
    transport: Transport,
    scopes: Collection[str] = (),
    allow: Collection[str] = (),
) -> Granted | None:
    """What the token endpoint answers; None where nothing is to be exchanged (`needed`).

    Raises:
        TokenRefused: the endpoint gives no token. TransportError: no answer was had.
        UsageError: ``token-endpoint-missing``, ``token-endpoint-not-https``, ``not-a-url``, ``unknown-authentication``.
    """
    if not needed(method, secrets):
        return None
    from wizard.methods import endpoint_of, texts

    endpoint = endpoint_of(service, environment, method, url, settings)
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
    known = texts(service, environment, method, url, settings)
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
    grant["scope"] = grant["scope"] or " ".join(scopes)
    return await ask(endpoint, client, grant, transport)


def completed(  # noqa: PLR0917  # the six words of a choice, in the order of wizard.methods
    service: Service,
    environment: Environment,
    method: Method,
    url: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    *,
    ca: str | None = None,
    scopes: Collection[str] = (),
    allow: Collection[str] = (),
    timeout: float = _SECONDS,
) -> dict[str, Secret]:
    """As `complete`, for a caller that does not wait for anything else; ``timeout`` in seconds.

    Raises: as `obtain`.
    """
    if not needed(method, secrets):
        from wizard.methods import derived

        return derived(service, environment, method, url, settings, secrets)
    import asyncio

    from wizard.transport import Transport

    async def run() -> dict[str, Secret]:
        async with Transport(timeout=timeout, ca=ca) as transport:
            return await complete(
                service,
                environment,
                method,
                url,
                settings,
                secrets,
                transport=transport,
                scopes=scopes,
                allow=allow,
            )

    return asyncio.run(run())
