"""The token screen against Keycloak: introspection told apart, and user info, by keys (rows U3 and U7)."""

from __future__ import annotations

import pytest
from screens_keys import reads, settled
from servers.keycloak import Keycloak
from test_screens_token import ask_as, pasted

from screens.app import Authwizard


@pytest.mark.real("java")
@pytest.mark.row("U3", "U7")
async def test_keycloak_by_keys(keycloak: Keycloak) -> None:
    name, secret = keycloak.client("no-group")
    token = keycloak.token(scope="openid").reveal()
    app = Authwizard()
    async with app.run_test(size=(100, 60)) as pilot:
        await pasted(pilot, token)
        await pilot.press("u")
        await reads(pilot, "service-account-mcp-gateway-m2m")
        await settled(pilot)
        await ask_as(pilot, name, secret.reveal())
        await reads(pilot, "200 active false, asked by no-group")
        await reads(pilot, "The token is good. Introspection says otherwise because `no-group` asks")
