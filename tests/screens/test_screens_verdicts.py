"""What the screens say of a connection is of its login as it is now, whoever changed it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from oauth.rotating_issuer import Issuer, rotating
from screens_keys import on, reads, settled, text_of
from screens_logins import address, led
from support.running import Run

from screens.app import Authwizard
from screens.connection import ConnectionScreen
from wizard import connections, outcomes, removal
from wizard.connections import Connection
from wizard.outcomes import Outcome

STALE = Outcome("warning", "token-expires-soon", "The credential ends in 3 min.", time.time())


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with rotating() as made:
        yield made


def save(url: str) -> None:
    connections.save(Connection("mine", "mcp", "own", url, "authorization_code", {}, {}, (), (), ()))


@pytest.mark.slow
async def test_a_login_a_renewal_and_a_logout_end_the_verdict_before_them(issuer: Issuer) -> None:
    save(issuer.mcp)
    outcomes.remember("mine", STALE)
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(ConnectionScreen("mine"))
        await reads(pilot, "ends in 3 min")
        await reads(pilot, "Nobody is logged in")
        await pilot.press("l")
        await reads(pilot, "Log in in your browser")
        await led(await led(address(app)))
        await reads(pilot, "Logged in.")
        assert "mine" not in outcomes.load()
        outcomes.remember("mine", STALE)
        for key, words in (("r", "was renewed"), ("o", "The issuer is told")):
            await pilot.press("enter")
            await on(pilot, ConnectionScreen)
            await settled(pilot)
            await pilot.press(key)
            await reads(pilot, words)
        assert "mine" not in outcomes.load()
        outcomes.remember("mine", Outcome("works", "", "3 tools", time.time()))
        await pilot.press("enter")
        await reads(pilot, "Logged out")
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "Nobody is logged in")
        assert "3 tools" not in text_of(app) and "ends in 3 min" not in text_of(app)


@pytest.mark.slow
async def test_home_shows_what_another_process_changed() -> None:
    save("http://127.0.0.1:9/mcp")
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "mine")
        outcomes.remember("mine", Outcome("works", "", "7 tools", time.time()))
        await reads(pilot, "7 tools")
        removal.carry_out(removal.prepare("mine"))
        await reads(pilot, "Set up a service")
        assert "7 tools" not in text_of(app)


async def test_a_verdict_is_whole_where_there_is_room() -> None:
    save("http://127.0.0.1:9/mcp")
    whole = "The credential ends in 4 min, and nothing renews it"
    outcomes.remember("mine", Outcome("warning", "token-expires-soon", whole, time.time()))
    app = Authwizard()
    async with app.run_test(size=(60, 24)) as pilot:
        await reads(pilot, "warning")
        await settled(pilot)
        assert whole not in text_of(app)
        await pilot.resize_terminal(80, 24)
        await reads(pilot, whole)
        assert "mcp" not in text_of(app)
        await pilot.resize_terminal(120, 40)
        await reads(pilot, f"mcp {whole}")


async def test_nothing_of_the_first_choices_is_cut_off(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "on this machine")


def test_a_test_of_a_connection_is_kept(run: Run, issuer: Issuer) -> None:
    save(issuer.mcp)
    assert run("test", "mine", "--method", "none", "--timeout", "8").code == 1
    assert "mine" not in outcomes.load(), "something else was tested than what is kept"
    outcomes.remember("mine", Outcome("works", "", "3 tools", 1.0))
    assert run("test", "mine", "--timeout", "2").code == 1
    assert outcomes.load()["mine"].state == "broken"
