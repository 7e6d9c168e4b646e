"""The fallback of a connection by keys: seen with its last outcome, tested, switched to after a look, and back."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from screens_keys import on, reads, settled
from support.running import Put, Run

from sandbox.practice import Practice
from screens.app import Authwizard
from screens.connection import ConnectionScreen
from screens.fallback import FallbackScreen
from screens.home import Home
from wizard import connections, outcomes

MCP = Path(".mcp.json")


@pytest.fixture
def fleet(run: Run, services: Practice, put: Put) -> Practice:
    """A connection to Fleet with two tokens, the first of them in Claude Code's project file by a variable."""
    held = services.services["fleet"]
    token = held.credentials["token"]
    first = {"token": put(token)}
    connections.save(connections.Connection("mine", "fleet", "practice", held.url, "bearer", {}, first))
    words = ("export", "mine", "--client", "claude-code", "--project", "--secrets", "env", "--yes")
    assert run(*words).code == 0
    kept = run(
        *("setup", "fleet", "--name", "mine", "--fallback", "--method", "bearer", "--store", "file", "--yes"),
        *("--secret", f"token={put(token)}"),
    )
    assert kept.code == 0, kept.err
    return services


def header() -> str:
    return str(json.loads(MCP.read_text("utf-8"))["mcpServers"]["mine"]["headers"]["Authorization"])


@pytest.mark.slow
@pytest.mark.row("A14")
async def test_it_is_tested_and_switched_to_and_back(fleet: Practice) -> None:
    before, first = header(), connections.get("mine").secrets["token"]
    app = Authwizard(None, fleet)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        await settled(pilot)
        await pilot.press("m")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "Fallback")
        await reads(pilot, "t tests it, s switches to it.")
        await pilot.press("t")
        await on(pilot, FallbackScreen)
        await reads(pilot, "The fallback works.")
        await pilot.press("enter")
        await reads(pilot, "It worked when it was last tested.")
        await reads(pilot, "${MINE_TOKEN}")
        assert header() == before
        await pilot.press("escape")
        await on(pilot, ConnectionScreen)
        assert connections.get("mine").secrets["token"] == first
        await settled(pilot)
        await pilot.press("s")
        await reads(pilot, "is written anew")
        await pilot.press("enter")
        await reads(pilot, "written, read back, answered")
        assert header() != before
        assert connections.get("mine").secrets["token"] != first
        await pilot.press("u")
        await reads(pilot, "is written anew")
        await pilot.press("enter")
        await reads(pilot, "written, read back, answered")
        assert header() == before
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await settled(pilot)
    assert connections.get("mine").secrets["token"] == first


@pytest.mark.slow
@pytest.mark.row("A14")
async def test_one_that_is_refused_is_told_and_not_offered(fleet: Practice) -> None:
    second = connections.get("mine").fallback
    assert second is not None
    Path(second.secrets["token"].removeprefix("file:")).write_text(secrets.token_urlsafe(36), "utf-8")
    app = Authwizard(None, fleet)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        await settled(pilot)
        await pilot.press("m")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "Fallback")
        await pilot.press("t")
        await reads(pilot, "The fallback does not work.")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, FallbackScreen)
        await pilot.press("escape")
        await on(pilot, ConnectionScreen)
        await pilot.press("s")
        await reads(pilot, "It did not work when it was last tested")
    assert outcomes.load()["mine --fallback"].state == "broken"
