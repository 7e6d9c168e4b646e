"""A login on another device: a code that the person types there (RFC 8628). It is no part of MCP."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from wizard.secret import Secret

from . import authorization, device
from .person import DEVICE, Ask
from .waiting import not_done

if TYPE_CHECKING:
    from .client_auth import OAuthClient
    from .model import ServerMetadata
    from .token_endpoint import Granted
    from .walk import Walk, Wanted

_STEP: Final = "device"
_GRANTS: Final = ("urn:ietf:params:oauth:grant-type:device_code", "refresh_token")


async def by_device(walk: Walk, server: ServerMetadata, wanted: Wanted) -> tuple[OAuthClient, Granted]:
    """The steps ``registration``, ``device`` and ``token``. Raises: as `wizard.oauth.flow.log_in`."""
    walk.check(server)
    client = await walk.client(server, "", wanted, *_GRANTS)

    verifier = Secret(secrets.token_urlsafe(48))
    walk.transport.know(verifier)

    async def begun() -> device.DeviceCode:
        scope = " ".join(wanted.scopes)
        challenge = authorization.challenge_of(verifier)
        return await device.start(server, client, scope, wanted.resource, walk.transport, challenge=challenge)

    code = await walk.step(_STEP, "a code to type", walk.explained(begun, client, wanted))
    walk.person.ask(
        Ask(
            DEVICE,
            code.verification_uri,
            code.user_code,
            code.verification_uri_complete,
            seconds=min(code.expires_in, walk.person.seconds),
            instead=("authorization_code",) if server.authorization_endpoint else (),
            more=walk.unchosen(wanted),
        )
    )

    async def polled() -> Granted:
        try:
            async with asyncio.timeout(walk.person.seconds):
                return await device.poll(
                    code, server, client, walk.transport, verifier=verifier, resource=wanted.resource
                )
        except TimeoutError:
            what = (
                f"open {code.verification_uri}, type the code, and go on until the page says that it is done"
            )
            raise not_done(what, walk.person.seconds, walk.person.budget) from None

    granted = await walk.step(_STEP, "a login", walk.explained(polled, client, wanted))
    walk.say(_STEP, True, "a login", "the code was entered")
    walk.granted(granted)
    return client, granted
