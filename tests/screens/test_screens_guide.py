"""The guide where it covers the question (80 columns): F1 and Esc close it before all else, and nothing is said behind
it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from looks import STEPS, WORK, fleet
from screens_keys import on, reads, settled, text_of
from textual.pilot import Pilot

from screens import jobs
from screens.app import Authwizard
from screens.clients import ClientsScreen
from screens.connection import ConnectionScreen
from screens.help import HelpScreen
from screens.home import Home
from screens.setup.activate import ActivateStep
from screens.setup.flow import make
from wizard import connections, setup
from wizard.connections import Connection
from wizard.livetest import LiveTestReport
from wizard.setup import ClientChoice

TESTED = LiveTestReport("fleet", True, STEPS)
MCP = Path(".mcp.json")
pytestmark = pytest.mark.usefixtures("nothing_found")


async def proves(*_: Any) -> LiveTestReport:
    return TESTED


async def activating(pilot: Pilot[int]) -> None:
    draft = setup.with_test(setup.with_store(fleet(), "file"), TESTED)
    draft = setup.with_clients(draft, (ClientChoice("claude-code", how="env"),))
    pilot.app.push_screen(make("activate", replace(WORK, prover=lambda: proves), draft))
    await on(pilot, ActivateStep)
    await settled(pilot)


async def written(pilot: Pilot[int]) -> None:
    await activating(pilot)
    await pilot.press("enter")
    await reads(pilot, "fleet is set up.")
    await settled(pilot)


async def picking(pilot: Pilot[int]) -> None:
    connections.save(Connection("mine", "mcp", "own", "https://example.com/mcp", "none"))
    pilot.app.push_screen(ClientsScreen("mine"))
    await on(pilot, ClientsScreen)
    await settled(pilot)


async def test_what_was_taken_back_is_not_said_behind_the_guide(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await written(pilot)
        await pilot.press("f1")
        await reads(pilot, "+++ ")
        await pilot.press("u")
        await reads(pilot, "Taken back")
        assert "as it was before" in " ".join(text_of(app).split())
    assert not MCP.exists()


async def test_escape_closes_the_guide_over_what_was_written_and_undo_stays(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await written(pilot)
        await pilot.press("f1")
        await reads(pilot, "+++ ")
        await pilot.press("escape")
        await reads(pilot, "fleet is set up.")
        assert isinstance(app.screen, ActivateStep)
        assert "u undo" in text_of(app)
        await pilot.press("escape")
        await on(pilot, Home)
    assert MCP.exists()


async def test_what_was_written_is_not_said_behind_the_guide(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await activating(pilot)
        await pilot.press("f1")
        await settled(pilot)
        assert "Call it" not in text_of(app)
        await pilot.press("enter")
        await reads(pilot, "fleet is set up.")


@pytest.mark.parametrize("screen", [activating, picking], ids=["setup", "manage"])
async def test_a_filter_is_not_typed_behind_the_guide(screen: Any, home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await screen(pilot)
        await pilot.press("f1", "slash", *"nosuch")
        await reads(pilot, "No client is called `nosuch`.")
        assert "Esc show all" in text_of(app)
        await pilot.press("f1", "escape")
        await settled(pilot)
        assert "nosuch" in text_of(app)


async def test_a_saved_connection_is_put_into_a_client_and_taken_back_from_within_the_guide(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "proven", proves)
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await picking(pilot)
        await pilot.press("slash", *"cursor", "enter", "space", "f1", "enter")
        await reads(pilot, "written, read back, answered")
        await settled(pilot)
        await pilot.press("f1")
        await reads(pilot, "+++ ")
        await pilot.press("u")
        await reads(pilot, "Taken back")


async def test_a_saved_connection_has_a_guide(home: Path) -> None:
    connections.save(Connection("mine", "mcp", "own", "https://example.com/mcp", "none"))
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await reads(pilot, "m Manage")
        await pilot.press("m")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "F1 help")
        await pilot.press("f1")
        await on(pilot, HelpScreen)
        await reads(pilot, "n gives it another name")
        await pilot.press("escape")
        await on(pilot, ConnectionScreen)
        await pilot.press("n")
        await reads(pilot, "Rename mine")
        await pilot.press("f1", "escape")
        await reads(pilot, "Rename mine")
