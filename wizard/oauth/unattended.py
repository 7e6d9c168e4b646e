"""Tokens for which nobody has to log in: by the client's own secret or key, or by an assertion of somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.errors import UsageError
from wizard.secret import Secret

from . import assertions, discovery, registration
from .client_auth import PUBLIC, OAuthClient

if TYPE_CHECKING:
    from .model import ServerMetadata
    from .token_endpoint import Granted
    from .walk import Walk, Wanted


async def by_client(walk: Walk, server: ServerMetadata, wanted: Wanted) -> tuple[OAuthClient, Granted]:
    """Client credentials (RFC 6749 section 4.4; MCP extension SEP-1046): no registration, no person."""
    client = await walk.client(server, "", wanted, "client_credentials")
    grant: dict[str, str | Secret] = {
        "grant_type": "client_credentials",
        "scope": " ".join(wanted.scopes),
        "resource": wanted.resource,
        "audience": walk.text("audience"),
    }
    return client, await walk.token(server, client, grant, wanted)


async def by_assertion(walk: Walk, server: ServerMetadata, wanted: Wanted) -> tuple[OAuthClient, Granted]:
    """A signed assertion that was given (RFC 7523 section 2.1; MCP's SEP-1933): sent once, and nothing else tried."""
    return await _bearer(walk, server, wanted, _needed(walk, "assertion"))


async def by_exchange(walk: Walk, server: ServerMetadata, wanted: Wanted) -> tuple[OAuthClient, Granted]:
    """Enterprise-managed authorization (MCP's SEP-990): the company's identity provider gives an assertion for the
    server's issuer, and that one a token for it."""
    identity = _needed(walk, "idp_id_token")

    async def vouched() -> Granted:
        endpoint = walk.text("idp_token_endpoint")
        if not endpoint:
            issuer = walk.text("idp_issuer")
            if not issuer:
                raise _missing("idp_issuer", "The identity provider's issuer", secret=False)
            found = await discovery.server_metadata(issuer, walk.transport, allow=walk.allow)
            endpoint = found.token_endpoint
        discovery.refuse_plain(endpoint, "The identity provider's token endpoint", walk.allow)
        return await assertions.exchange_id_jag(
            endpoint,
            OAuthClient(walk.text("idp_client_id"), authentication=PUBLIC),
            identity,
            walk.transport,
            audience=server.issuer,
            resource=wanted.resource,
            scope=" ".join(wanted.scopes),
        )

    vouching = await walk.step("assertion", "an assertion for the server's issuer", vouched)
    walk.say("assertion", True, "an assertion for the server's issuer", "given by the identity provider")
    return await _bearer(walk, server, wanted, vouching.access_token)


async def _bearer(
    walk: Walk, server: ServerMetadata, wanted: Wanted, assertion: Secret
) -> tuple[OAuthClient, Granted]:
    given = walk.given()
    client = OAuthClient("", authentication=PUBLIC) if not given.id else registration.known(server, given)

    async def asked() -> Granted:
        return await assertions.jwt_bearer(
            server.token_endpoint,
            client,
            assertion,
            walk.transport,
            issuer=server.issuer,
            resource=wanted.resource,
            scope=" ".join(wanted.scopes),
        )

    granted = await walk.step("token", "an access token", asked)
    walk.granted(granted)
    return client, granted


def _needed(walk: Walk, field: str) -> Secret:
    found = walk.secret(field)
    if found is None:
        title = next((f.title for f in walk.choice.method.fields if f.id == field), field)
        raise _missing(field, title, secret=True)
    return found


def _missing(field: str, title: str, *, secret: bool) -> UsageError:
    form = f"--secret {field}=SOURCE" if secret else f"--set {field}=VALUE"
    return UsageError("missing", f"{title} is missing.", "", [f"Say it with {form}."])
