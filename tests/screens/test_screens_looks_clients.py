"""How the list of clients looks: unfolded, found by typing, refused, taken back, and for a saved connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from looks import PICTURES, WORK, Snap, fleet, shown, step, traces
from screens_keys import settled
from textual.pilot import Pilot

from screens import jobs
from screens.clients import ClientsScreen
from wizard import connections, export, setup, using
from wizard.connections import Connection
from wizard.livetest import LiveTestReport
from wizard.setup import Draft, places

pytestmark = [*PICTURES, pytest.mark.slow]


def ready() -> Draft:
    return setup.with_test(fleet(), LiveTestReport("fleet", True, ()))


def pressing(*keys: str) -> Callable[[Pilot[int]], Any]:
    async def press(pilot: Pilot[int]) -> None:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return press


KEYS = {
    "unfolded": ("end", "enter", "down"),
    "found": ("slash", *"code"),
    "beside": ("f1",),
}


@pytest.mark.parametrize("name", KEYS)
def test_list(snap_compare: Snap, size: tuple[int, int], name: str) -> None:
    assert snap_compare(step("activate", ready()), terminal_size=size, run_before=pressing(*KEYS[name]))


def test_refused(snap_compare: Snap, size: tuple[int, int]) -> None:
    Path(".mcp.json").write_text('{"mcpServers": {}} // mine', "utf-8")
    keys = ("f1",) if size[0] < 100 else ()
    assert snap_compare(step("activate", ready()), terminal_size=size, run_before=pressing(*keys))


@pytest.fixture
def mine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that Claude Code has in this folder."""

    async def proves(*_: Any) -> LiveTestReport:
        return LiveTestReport("mine", True, ())

    every = WORK.places()
    monkeypatch.setenv("MINE_TOKEN", "z" * 40)
    monkeypatch.setattr(jobs, "proven", proves)
    monkeypatch.setattr(places, "places", lambda: every)
    secrets = {"token": "env:MINE_TOKEN"}
    connection = Connection("mine", "mcp", "own", "https://example.com/mcp", "bearer", secrets=secrets)
    connections.save(connection)
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {}}), "utf-8")
    export.write(using.prepare(connection, "claude-code", project=True))


SAVED = {
    "list": (),
    "asked": ("x",),
    "written": ("down", "down", "space", "down", "space", "enter"),
    "undone": ("down", "down", "space", "enter", "u"),
}


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("name", SAVED)
def test_saved(snap_compare: Snap, size: tuple[int, int], name: str) -> None:
    app = shown(lambda: ClientsScreen("mine"))
    assert snap_compare(app, terminal_size=size, run_before=pressing(*SAVED[name]))


def test_no_machine_path_in_a_picture(size: tuple[int, int]) -> None:
    assert not traces(__file__)
