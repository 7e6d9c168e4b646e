"""A login on the screens, by keys: at the test step."""

from __future__ import annotations

import asyncio
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest
from oddities.odd_server import KNOWN, Answer, Odd, OddServer, served
from screens_keys import on, reads, text_of
from screens_logins import address, back_to, draft, led, listens, program
from textual import events
from textual.pilot import Pilot

from screens.app import Authwizard
from screens.login.panel import LoginPanel
from screens.login.scan import ScanScreen
from screens.setup.test import TestStep
from screens.widgets.inputs import Line
from screens.words import STATES
from wizard.names import LOGIN
from wizard.oauth import kept

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[OddServer]:
    with served(Odd()) as made:
        yield made


async def finished(pilot: Pilot[int]) -> TestStep:
    """The test step when its test has ended."""
    screen = await on(pilot, TestStep)
    for _ in range(400):
        if screen.draft.test is not None and screen._worker is None:
            await pilot.pause()
            return screen
        await pilot.pause(0.05)
    raise AssertionError(text_of(pilot.app))  # type: ignore[arg-type]  # the app under test


async def gone(port: int) -> None:
    """Wait until nobody listens there any more."""
    for _ in range(400):
        if not listens(port):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the socket stayed open")


@pytest.mark.parametrize("size", [(80, 24), (50, 14)], ids=["80x24", "50x14"])
@pytest.mark.row("A1", "A7", "U2")
async def test_the_browser_comes_back(server: OddServer, size: tuple[int, int]) -> None:
    app = program(draft(server))
    async with app.run_test(size=size) as pilot:
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        screen = await finished(pilot)
        await reads(pilot, "It works")
        await reads(pilot, "granted, as asked for: read")
        token = kept.from_secret(screen.draft.secrets[LOGIN]).access_token.reveal()
        await pilot.press("e")
        await reads(pilot, "1 POST http://127.0.0.1")
        assert token not in text_of(app)
        await pilot.press("escape")
        await on(pilot, TestStep)
        assert {s.id for s in screen._steps.values() if s.ok} >= {
            *("resource-metadata", "authorization-server", "registration", "authorization", "token"),
            *("credential", "tools"),
        }
        asked = {s.id: [e.status for e in s.exchanges] for s in screen._steps.values()}
        assert asked["registration"] == [201]
        assert asked["token"] == [200]
        assert asked["resource-metadata"] == [401, 200]


@pytest.mark.slow
@pytest.mark.row("A7")
async def test_a_wrong_paste_is_said_and_stays_a_right_one_goes_on(server: OddServer) -> None:
    app = program(draft(server))
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "Log in in your browser")
        await pilot.press("p")
        await pilot.press(*"http://x.example/?code=1", "enter")
        await reads(pilot, "That is not the address to which this login")
        assert app.screen.query_one("#login-paste", Line).has_focus
        uri, port = back_to(app)
        app.screen.query_one("#login-paste", Line).value = f"{uri}?code=x&state=of-another-login"
        await pilot.press("enter")
        await reads(pilot, "another login")
        assert app.screen.query_one(LoginPanel).asked is not None
        right = await led(address(app))
        app.screen.query_one("#login-paste", Line).value = right
        await pilot.pause()
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(right).query)["code"][0]
        assert code not in text_of(app)
        await pilot.press("enter")
        await reads(pilot, "It works")
        await gone(port)


@pytest.mark.slow
@pytest.mark.row("A7")
async def test_what_is_pasted_without_a_key_goes_into_the_field(server: OddServer) -> None:
    app = program(draft(server))
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "Log in in your browser")
        asked = app.screen.query_one(LoginPanel).asked
        right = await led(address(app))
        app.post_message(events.Paste(f"{right}\n"))
        await reads(pilot, "Paste the address at which the browser ended")
        assert app.screen.query_one(LoginPanel).asked is asked
        assert app.screen.query_one("#login-paste", Line).has_focus
        await pilot.press("enter")
        await reads(pilot, "It works")
        await reads(pilot, "passed, ")
        assert "steps passed" not in text_of(app)


@pytest.mark.slow
@pytest.mark.row("A7")
async def test_esc_closes_the_socket_and_one_can_try_again(server: OddServer) -> None:
    app = program(draft(server))
    async with app.run_test(size=(50, 14)) as pilot:
        await reads(pilot, "Log in in your browser")
        _, port = back_to(app)
        assert listens(port)
        await pilot.press("p")
        await pilot.press("escape")
        assert app.screen.query_one(LoginPanel).asked is not None
        await pilot.press("escape")
        await reads(pilot, "The test was cancelled.")
        assert STATES["running"].mark not in text_of(app)
        await gone(port)
        await pilot.press("r")
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        await reads(pilot, "It works")


@pytest.mark.slow
async def test_the_address_is_copied_whole_and_scanned_where_it_fits(
    server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(Authwizard, "copy_to_clipboard", lambda _, text: copied.append(text))
    app = program(draft(server))
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "Log in in your browser")
        await pilot.press("c")
        await pilot.pause()
        assert copied == [address(app)]
        await pilot.press("q")
        await on(pilot, ScanScreen)
        await reads(pilot, "The code needs a terminal of")
        await pilot.resize_terminal(120, 60)
        await reads(pilot, "Scan this with the device")
        shown = [line for line in text_of(app).splitlines() if "█" in line]
        assert len(shown) > 20
        await pilot.press("escape")
        await on(pilot, TestStep)
        await pilot.press("q")
        await on(pilot, ScanScreen)
        await led(await led(address_below(app)))
        await on(pilot, TestStep)
        await reads(pilot, "It works")


def address_below(app: Authwizard) -> str:
    """The address that the test step asks for, whatever stands on top of it."""
    step = next(s for s in app.screen_stack if isinstance(s, TestStep))
    asked = step.sitting.asked
    assert asked is not None
    return asked.url


@pytest.mark.slow
@pytest.mark.row("A7")
async def test_another_port_and_what_is_none(server: OddServer) -> None:
    app = program(draft(server))
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "Log in in your browser")
        _, first = back_to(app)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            other = one.getsockname()[1]
        await pilot.press("t", *"99", "enter")
        await reads(pilot, "A port is a number from 1024 to 65535.")
        await pilot.press("end", "ctrl+u", *str(other), "enter")
        for _ in range(400):
            if app.screen.query_one(LoginPanel).asked and back_to(app)[1] == other:
                break
            await pilot.pause(0.05)
        assert listens(other)
        await gone(first)
        await led(await led(address(app)))
        await reads(pilot, "It works")


@pytest.mark.row("A7")
async def test_a_taken_port_says_who_and_takes_another(server: OddServer) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        busy = holder.getsockname()[1]
        app = program(draft(server, client_id=KNOWN, redirect_uri=f"http://127.0.0.1:{busy}/callback"))
        async with app.run_test(size=(80, 24)) as pilot:
            await finished(pilot)
            await reads(pilot, f"Port {busy} on 127.0.0.1")
            await reads(pilot, "t takes another port.")
            with socket.socket() as one:
                one.bind(("127.0.0.1", 0))
                other = one.getsockname()[1]
            await pilot.press("t", *str(other), "enter")
            await reads(pilot, "Log in in your browser")
            assert back_to(app)[1] == other
            await led(await led(address(app)))
            await reads(pilot, "It works")


@pytest.mark.slow
@pytest.mark.row("A1", "U2")
async def test_by_a_code_instead() -> None:
    waits = Answer(400, {"error": "authorization_pending"})
    with served(Odd(instead={"token": (waits, waits, None)})) as server:
        app = program(draft(server))
        async with app.run_test(size=(80, 24)) as pilot:
            await reads(pilot, "v by code")
            _, port = back_to(app)
            await pilot.press("v")
            await reads(pilot, "A B C D - E F G H")
            await reads(pilot, "http://localhost")
            assert not listens(port)
            screen = await finished(pilot)
            await reads(pilot, "It works")
            assert kept.from_secret(screen.draft.secrets[LOGIN]).how == "device_code"
            registered = [a.message for a in server.asked if a.place == "register"]
            assert [m["response_types"] for m in registered] == [["code"], []]


async def test_a_leniency_is_off_until_a_key_allows_it() -> None:
    with served(Odd(change={"issuer": {"code_challenge_methods_supported": None}})) as server:
        app = program(draft(server))
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await finished(pilot)
            await reads(pilot, "a allows `pkce-not-advertised`")
            assert screen.draft.allow == ()
            await pilot.press("a")
            await reads(pilot, "Log in in your browser")
            assert screen.draft.allow == ("pkce-not-advertised",)
            await led(await led(address(app)))
            await reads(pilot, "It works")
            await reads(pilot, "allowed for this connection: pkce-not-advertised")


@pytest.mark.row("U2")
async def test_what_was_not_granted_is_marked_with_what_it_means() -> None:
    with served(Odd(change={"token": {"scope": "read"}})) as server:
        app = program(draft(server, scope="read write"))
        async with app.run_test(size=(80, 24)) as pilot:
            await reads(pilot, "Log in in your browser")
            await led(await led(address(app)))
            await finished(pilot)
            await reads(pilot, "granted, of 2 asked for: read")
            await reads(pilot, "write was asked for and not granted.")


@pytest.mark.slow
async def test_a_login_is_used_again_and_made_anew_by_its_key(server: OddServer) -> None:
    app = program(draft(server))
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        screen = await finished(pilot)
        first = screen.draft.secrets[LOGIN]
        await pilot.press("r")
        await finished(pilot)
        assert server.times("authorize") == 1
        assert screen.draft.secrets[LOGIN] == first
        await pilot.press("l")
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        await finished(pilot)
        assert server.times("authorize") == 2
        assert screen.draft.secrets[LOGIN] != first
