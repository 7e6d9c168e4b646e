"""What a person gives to a diagnosis on the screen: a credential, a login, the yes to a command; and its end by Esc."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest
from oddities.odd_server import Odd, OddServer, served
from screens_keys import on, reads, settled, text_of
from screens_logins import address, led

from screens import jobs
from screens.app import Authwizard
from screens.diagnose import given
from screens.diagnose.given import AddressLogin, CredentialScreen, StartScreen
from screens.diagnose.screen import DiagnoseScreen
from screens.widgets.inputs import Line
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


async def test_a_command_that_is_pasted_is_not_run(server: OddServer, home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        giving = CredentialScreen(server.mcp)
        await app.push_screen(giving)
        giving.query_one("#credential").fill(Secret(f" cmd:touch {home / 'ran'}"))  # type: ignore[attr-defined]  # as above
        await pilot.press("enter")
        await reads(pilot, "No command is run from this field.")
        await reads(pilot, "--credential cmd:COMMAND")
        assert not (home / "ran").exists()


async def test_what_is_read_slowly_is_read_once_and_left_by_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, ended = threading.Semaphore(0), threading.Event(), threading.Event()
    read: list[str] = []

    def slowly(text: str) -> Secret:
        read.append(text)
        begun.release()
        go_on.wait(20)
        ended.set()
        return Secret(text)

    monkeypatch.setattr(given, "_read", slowly)
    came: list[Secret | None] = []
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        giving = CredentialScreen("http://127.0.0.1:1/mcp")
        await app.push_screen(giving, came.append)
        giving.query_one("#credential").fill(Secret("keyring:slow"))  # type: ignore[attr-defined]  # as above
        try:
            await pilot.press("enter")
            await asyncio.to_thread(begun.acquire, timeout=20)
            await pilot.press("enter", "escape")
            for _ in range(400):
                if came:
                    break
                await pilot.pause(0.01)
            assert came == [None]
        finally:
            go_on.set()
        await asyncio.to_thread(ended.wait, 20)
        await settled(pilot)
        assert came == [None]
        assert len(read) == 1


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


def _entry(home: Path, script: str, **more: object) -> None:
    entry = {"command": sys.executable, "args": ["-c", script], **more}
    (home / ".claude.json").write_text(json.dumps({"mcpServers": {"mine": entry}}))


async def test_the_yes_is_to_the_command_that_was_shown_and_to_no_other(home: Path) -> None:
    def ran() -> list[str]:
        return sorted(p.name for p in home.glob("ran-*"))

    def script(name: str) -> str:
        return f"open({str(home / name)!r}, 'w'); raise SystemExit(3)"

    app = Authwizard()
    _entry(home, script("ran-a"))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("claude-code:mine"))
        await reads(pilot, "x starts it")
        await settled(pilot)
        await pilot.press("x")
        await on(pilot, StartScreen)
        _entry(home, script("ran-b"))
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await settled(pilot)
        await reads(pilot, "ran-b")
        assert ran() == []
        await pilot.press("x")
        await on(pilot, StartScreen)
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await reads(pilot, "broken")
        await settled(pilot)
        assert ran() == ["ran-b"]
        _entry(home, script("ran-b"), env={"PYTHONSTARTUP": "other"})
        (home / "ran-b").unlink()
        await pilot.press("r")
        await settled(pilot)
        await reads(pilot, "x starts it")
        assert ran() == []


async def test_the_yes_shows_the_names_of_the_variables_and_the_folder(home: Path) -> None:
    value, key = secrets.token_urlsafe(), "Pw" + secrets.token_hex(4)
    app = Authwizard()
    _entry(home, f"pass; API_KEY={key!r}", env={"NODE_OPTIONS": value, "LANG": "C"})
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen("claude-code:mine"))
        await reads(pilot, "x starts it")
        await settled(pilot)
        assert key not in text_of(app)
        await pilot.press("x")
        await on(pilot, StartScreen)
        await reads(pilot, "Variables: LANG, NODE_OPTIONS")
        await reads(pilot, "Folder: /")
        assert value[:8] not in text_of(app)
        assert key not in text_of(app)


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


async def test_another_target_begins_with_an_empty_field(server: OddServer) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(DiagnoseScreen(server.mcp))
        await reads(pilot, "g takes a credential")
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert app.screen.query_one("#target", Line).value == ""


async def test_a_login_is_asked_for_only_where_a_person_could_log_in(server: OddServer) -> None:
    assert await jobs.asks_for_login(server.mcp, "http")
    nowhere = {"authorization_endpoint": None, "device_authorization_endpoint": None}
    with served(Odd(change={"issuer": nowhere})) as closed:
        assert not await jobs.asks_for_login(closed.mcp, "http")
