"""Tokens for which nobody has to log in: by the client's own secret or key, or by an assertion of somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.secret import Secret

from .client_auth import OAuthClient

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
    return client, await walk.token(server, client, grant)
