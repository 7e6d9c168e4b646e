"""What the tests of kept logins share: a saved connection, and its login as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rotating_issuer import Issuer

from wizard import connections
from wizard.choice import Choice
from wizard.connections import Connection
from wizard.errors import AuthwizardError
from wizard.oauth import kept, sessions
from wizard.oauth.model import Login
from wizard.transport import Transport

AGAIN = "Log in again: authwizard login notes"


def saved(issuer: Issuer, login: Login | None = None, **settings: str) -> Choice:
    """A saved connection with this login."""
    connections.save(Connection("notes", "mcp", "own", issuer.mcp, "authorization_code", settings))
    kept.keep("notes", login or issuer.login(), store="file")
    return chosen()


def chosen() -> Choice:
    connection = connections.get("notes")
    return replace(connections.choice(connection), secrets=connections.secrets_of(connection))


async def current(choice: Choice, *, timeout: float = 10.0, now: float | None = None) -> Login:
    async with Transport(timeout=timeout) as transport:
        return await sessions.current("notes", choice, transport, now=now)


async def fails(choice: Choice, **more: Any) -> AuthwizardError:
    with pytest.raises(AuthwizardError) as raised:
        await current(choice, **more)
    return raised.value
