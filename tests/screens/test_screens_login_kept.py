"""What stands before a login and after it, by keys: the credentials step, a connection, a diagnosis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from oauth.rotating_issuer import Issuer, rotating
from oddities.odd_server import Odd, OddServer, served
from screens_keys import on, reads, settled, text_of
from screens_logins import address, draft, led

from screens import jobs
from screens.app import Authwizard
from screens.connection import ConnectionScreen
from screens.login.screen import LoginScreen
from screens.setup.base import Outcome
from screens.setup.credentials import CredentialsStep
from screens.setup.flow import make
from screens.setup.work import Work
from screens.widgets.inputs import Line
from wizard import connections
from wizard.connections import Connection
from wizard.names import LOGIN
from wizard.oauth import kept, sessions


@pytest.fixture
def server() -> Iterator[OddServer]:
    with served(Odd()) as made:
        yield made


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with rotating() as made:
        yield made


@pytest.mark.slow
async def test_what_is_optional_stays_out_of_the_way_until_it_is_wanted(server: OddServer) -> None:
    class Program(Authwizard):
        async def on_ready(self) -> None:
            await self.push_screen(
                make("credentials", Work(jobs.tester, jobs.prover), draft(server)), left.append
            )

    left: list[Outcome | None] = []
    app = Program()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await on(pilot, CredentialsStep)
        await reads(pilot, "http://127.0.0.1:3334/callback")
        assert "Client id" not in text_of(app)
        await pilot.press("ctrl+g")
        await reads(pilot, "Client id (optional)")
        assert screen.query_one("#field-client_id", Line).has_focus
        screen.query_one("#field-issuer", Line).value = "https://login.microsoftonline.com/contoso/v2.0"
        await reads(pilot, "[ ] pkce-not-advertised")
        await reads(pilot, "http://localhost:3334/callback")
        screen.query_one("#field-redirect_uri", Line).value = "http://localhost:*/callback"
        await reads(pilot, "holds a *")
        screen.query_one("#allow").focus()
        await pilot.press("space")
        await reads(pilot, "[x] pkce-not-advertised")
        await pilot.press("f1")
        await reads(pilot, "A client at Microsoft Entra ID")
        await pilot.press("escape", "enter")
        for _ in range(400):
            if left:
                break
            await pilot.pause(0.02)
    assert left
    assert left[0] is not None
    assert left[0].draft.allow == ("pkce-not-advertised",)


@pytest.mark.slow
@pytest.mark.row("A1", "U2")
async def test_a_connection_logs_in_renews_and_logs_out(issuer: Issuer) -> None:
    connections.save(Connection("mine", "mcp", "own", issuer.mcp, "authorization_code", {}, {}, (), (), ()))
    app = Authwizard()
    async with app.run_test(size=(50, 14)) as pilot:
        await app.push_screen(ConnectionScreen("mine"))
        await reads(pilot, "Nobody is logged in")
        await pilot.press("l")
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        await reads(pilot, "Logged in.")
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await settled(pilot)
        before = sessions.read("mine").login
        await pilot.press("r")
        await reads(pilot, "renewed, with a new refresh token")
        assert issuer.grants == 1
        assert sessions.read("mine").login.refresh_token != before.refresh_token
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await settled(pilot)
        await pilot.press("o")
        await reads(pilot, "The issuer is told that the login has ended")
        assert not issuer.revoked
        await pilot.press("enter")
        await reads(pilot, "the refresh token: revoked at the issuer")
        assert LOGIN not in connections.get("mine").secrets
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "Nobody is logged in")


@pytest.mark.slow
async def test_a_login_that_ended_is_made_anew_from_its_diagnosis(issuer: Issuer) -> None:
    connections.save(Connection("mine", "mcp", "own", issuer.mcp, "authorization_code", {}, {}, (), (), ()))
    kept.keep("mine", issuer.login(client_id="gone"))
    issuer.families[-1].ended = True
    held = sessions.read("mine")
    kept.put("mine", replace(held, login=replace(held.login, expires_at=time.time() - 5)))
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ConnectionScreen("mine"))
        await settled(pilot)
        await pilot.press("enter")
        await reads(pilot, "l log in")
        await pilot.press("l")
        await on(pilot, LoginScreen)
        await reads(pilot, "Log in in your browser")
        await pilot.press("escape")
        await reads(pilot, "It was cancelled")
        await pilot.press("r")
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        await reads(pilot, "Logged in.")
        await pilot.press("enter")
        await reads(pilot, "ruled out")
        assert "l log in" not in text_of(app)
    assert sessions.read("mine").refused is None


async def test_a_renewal_under_way_is_not_called_back(issuer: Issuer) -> None:
    connections.save(Connection("mine", "mcp", "own", issuer.mcp, "authorization_code", {}, {}, (), (), ()))
    kept.keep("mine", issuer.login(expires_at=time.time() + 600))
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ConnectionScreen("mine"))
        await settled(pilot)
        await pilot.press("r")
        await reads(pilot, "The login was renewed")
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await settled(pilot)
        issuer.gate.clear()
        issuer.came.clear()
        await pilot.press("r")
        await reads(pilot, "Asking the identity provider")
        await asyncio.to_thread(issuer.came.wait, 30)
        await pilot.press("escape")
        await reads(pilot, "cannot be called back")
        issuer.gate.set()
        await reads(pilot, "The login was renewed")
    assert sessions.read("mine").login.refresh_token is not None
    assert issuer.reuses == 0
