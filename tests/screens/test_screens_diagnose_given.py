"""What a person gives to a diagnosis on the screen: a credential, a login, the yes to a command; and its end by Esc."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest
from oddities.odd_server import Odd, OddServer, served
from screens_keys import on, reads, settled, text_of
from screens_logins import address, led

from screens.app import Authwizard
from screens.diagnose.given import AddressLogin, CredentialScreen, StartScreen
from screens.diagnose.screen import DiagnoseScreen
from wizard.secret import Secret


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server that wants a token, and names who gives one."""
    with served(Odd()) as running:
        yield running


async def test_a_credential_is_given_masked_and_diagnosed_with(server: OddServer) -> None:
    token = server.issue(aud=server.mcp)
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = DiagnoseScreen(server.mcp)
        await app.push_screen(screen)
        await reads(pilot, "g takes a credential")
        await settled(pilot)
        await pilot.press("g")
        giving = await on(pilot, CredentialScreen)
        await pilot.press("enter")
        await reads(pilot, "Paste the credential")
        giving.query_one("#credential").fill(Secret(token))  # type: ignore[attr-defined]  # the field of the screen
        await settled(pilot)
        assert token[:12] not in text_of(app)
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await reads(pilot, "Nothing is wrong with it.")
        await settled(pilot)
        assert token[:12] not in text_of(app)
        assert token not in repr(screen._given)
        assert token not in repr(vars(screen))


async def test_a_credential_that_is_refused_can_be_given_anew(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen(server.mcp))
        await reads(pilot, "g takes a credential")
        await settled(pilot)
        await pilot.press("g")
        giving = await on(pilot, CredentialScreen)
        giving.query_one("#credential").fill(Secret(secrets.token_urlsafe()))  # type: ignore[attr-defined]  # as above
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await reads(pilot, "broken")
        await reads(pilot, "g takes a credential")


async def test_a_source_that_yields_nothing_is_said(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen(server.mcp))
        await reads(pilot, "g takes a credential")
        await settled(pilot)
        await pilot.press("g")
        giving = await on(pilot, CredentialScreen)
        giving.query_one("#credential").fill(Secret("env:NOT_SET_ANYWHERE"))  # type: ignore[attr-defined]  # as above
        await pilot.press("enter")
        await reads(pilot, "NOT_SET_ANYWHERE")
        await pilot.press("escape")
        await on(pilot, DiagnoseScreen)


async def test_a_login_is_made_and_diagnosed_with(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = DiagnoseScreen(server.mcp)
        await app.push_screen(screen)
        await reads(pilot, "l logs in in the browser")
        await settled(pilot)
        await pilot.press("l")
        await on(pilot, AddressLogin)
        await reads(pilot, "Log in to http://")
        await reads(pilot, "/authorize")
        await led(await led(address(app)))
        await reads(pilot, "Logged in, for this diagnosis alone.")
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await reads(pilot, "Nothing is wrong with it.")
        assert screen._given is not None
        assert screen._given.asked is not None


async def test_a_login_can_be_left(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = DiagnoseScreen(server.mcp)
        await app.push_screen(screen)
        await reads(pilot, "l logs in in the browser")
        await settled(pilot)
        await pilot.press("l")
        await on(pilot, AddressLogin)
        await reads(pilot, "/authorize")
        await pilot.press("escape")
        await reads(pilot, "It was cancelled")
        await pilot.press("escape")
        await on(pilot, DiagnoseScreen)
        assert screen._given is None


async def test_a_command_is_shown_and_started_only_then(home: Path) -> None:
    ran = home / "ran"
    script = home / "server.py"
    script.write_text(f"import pathlib, sys\npathlib.Path({str(ran)!r}).write_text('x')\nsys.exit(3)\n")
    entry = {"command": sys.executable, "args": [str(script)]}
    (home / ".claude.json").write_text(json.dumps({"mcpServers": {"mine": entry}}))
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("claude-code:mine"))
        await reads(pilot, "x starts it")
        await settled(pilot)
        await pilot.press("x")
        await on(pilot, StartScreen)
        await reads(pilot, "This is the command of the entry.")
        await pilot.press("escape")
        await on(pilot, DiagnoseScreen)
        assert not ran.exists()
        await pilot.press("x")
        await on(pilot, StartScreen)
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await reads(pilot, "broken")
        assert ran.exists()


async def test_escape_ends_the_wait_with_what_is_known() -> None:
    with create_server(("127.0.0.1", 0)) as listening:
        app = Authwizard()
        async with app.run_test(size=(80, 24)) as pilot:
            screen = DiagnoseScreen(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp")
            await app.push_screen(screen)
            while screen._watch is None or "an answer of" not in screen._watch.waits(0.0):
                await asyncio.sleep(0.02)
            await pilot.press("escape")
            await reads(pilot, "It was stopped, while waiting for an answer of 127.0.0.1")
            await reads(pilot, "undetermined")


@pytest.mark.slow
async def test_what_is_waited_for_stands_on_the_screen() -> None:
    with create_server(("127.0.0.1", 0)) as listening:
        app = Authwizard()
        async with app.run_test(size=(80, 24)) as pilot:
            await app.push_screen(DiagnoseScreen(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"))
            await reads(pilot, "waiting for an answer of 127.0.0.1, 2 s")
            await pilot.press("escape", "escape")
