"""The list of clients by keys: those found first, others folded; filtered, refused, written, taken back, taken out."""

from __future__ import annotations

import json
import secrets
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
from screens.setup.activate import ActivateStep
from screens.setup.flow import make
from screens.widgets.places import Places
from wizard import connections, export, setup
from wizard.connections import Connection
from wizard.livetest import LiveTestReport
from wizard.setup import ClientChoice, Draft, places

TESTED = LiveTestReport("fleet", True, STEPS)
SIZES = [pytest.param((80, 24), id="80x24"), pytest.param((120, 40), id="120x40")]
pytestmark = pytest.mark.usefixtures("nothing_found")


def draft(*clients: ClientChoice) -> Draft:
    return setup.with_clients(setup.with_test(setup.with_store(fleet(), "file"), TESTED), clients)


async def proves(*_: Any) -> LiveTestReport:
    return TESTED


async def activating(pilot: Pilot[int], d: Draft) -> ActivateStep:
    work = replace(WORK, prover=lambda: proves)
    screen = make("activate", work, d)
    assert isinstance(screen, ActivateStep)
    pilot.app.push_screen(screen)
    await on(pilot, ActivateStep)
    await settled(pilot)
    return screen


@pytest.mark.slow
@pytest.mark.row("A7")
@pytest.mark.parametrize("size", SIZES)
async def test_those_that_were_not_found_are_behind_one_row(home: Path, size: tuple[int, int]) -> None:
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        await activating(pilot, draft())
        text = text_of(app)
        assert "Claude Code (you)" in text
        assert "VS Code" not in text
        assert "▸   5 others, not found here" in text
        await pilot.press("end", "enter")
        await reads(pilot, "▾ 5 others")
        assert app.screen.query_one("#clients", Places).has_focus
        await pilot.press("end")
        await settled(pilot)
        assert "not found here" in text_of(app)
        await pilot.press("space")
        await settled(pilot)
        assert "write 2 files" in text_of(app)
        await pilot.press("slash", *"vs c")
        await reads(pilot, "VS Code (you)")
        assert "Cursor" not in text_of(app)
        await pilot.press("enter", "space")
        await reads(pilot, "write 3 files")
        await pilot.press("escape")
        await reads(pilot, "Cursor (you)")
        await pilot.press("slash", *"nosuch")
        await reads(pilot, "No client is called `nosuch`.")
        await pilot.press("escape")
        await reads(pilot, "Cursor (you)")
        assert isinstance(app.screen, ActivateStep)


@pytest.mark.slow
@pytest.mark.row("A7", "L2")
@pytest.mark.parametrize("size", SIZES)
async def test_what_a_client_can_and_cannot_do_stands_beside(home: Path, size: tuple[int, int]) -> None:
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        await activating(pilot, draft(ClientChoice("claude-code", how="env")))
        if size[0] < 100:
            await pilot.press("f1")
            await settled(pilot)
        text = " ".join(text_of(app).split())
        assert "How it comes by the secret" in text
        assert "What it can do" in text
        assert "logs in by itself" in text
        assert "holds in a new shell" in text
        await pilot.press(*(["pagedown"] * 3 if size[0] < 100 else ["f1", "f1"]))
        panel = app.screen.query_one("#panel Rows")._rows  # type: ignore[attr-defined]  # all of it, scrolled or not
        said = "\n".join(f"{r.prefix.plain}{r.body.plain}" for r in panel)
        for words in (
            "What it cannot do",
            "Start `claude` in the folder once.",
            "claude mcp add-json",
            "+++ ",
        ):
            assert words in said, said
        assert "seen with the program itself" in said
        assert "z" * 48 not in said


@pytest.mark.row("A7", "G5")
@pytest.mark.parametrize("size", SIZES)
async def test_what_was_written_is_told_and_taken_back(home: Path, size: tuple[int, int]) -> None:
    Path(".mcp.json").write_text('{"mcpServers": {"theirs": {"command": "true"}}}\n', "utf-8")
    before = Path(".mcp.json").read_bytes()
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        await activating(
            pilot, draft(ClientChoice("claude-code", how="env"), ClientChoice("cursor", False, how="env"))
        )
        await pilot.press("enter")
        await reads(pilot, "fleet is set up.")
        text = " ".join(text_of(app).split())
        assert text.count("written, read back, answered") == 2
        assert "holds in a new shell" in text
        assert "holds when it is started again" in text
        assert Path("~/.cursor/mcp.json").expanduser().exists()
        await pilot.press("u")
        await reads(pilot, "Taken back")
        text = " ".join(text_of(app).split())
        assert text.count("as it was before") == 2
        assert "u undo" not in text
    assert Path(".mcp.json").read_bytes() == before
    assert not Path("~/.cursor/mcp.json").expanduser().exists()
    assert [c.name for c in connections.load_all()] == ["fleet"]


@pytest.mark.slow
async def test_what_cannot_be_taken_back_is_said_and_the_rest_is(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await activating(
            pilot, draft(ClientChoice("claude-code", how="env"), ClientChoice("cursor", how="env"))
        )
        await pilot.press("enter")
        await reads(pilot, "fleet is set up.")
        Path(".mcp.json").write_text("{}", "utf-8")
        await pilot.press("u")
        await reads(pilot, "not taken back")
        assert "was changed after it was written" in " ".join(text_of(app).split())
        assert "as it was before" in text_of(app)
    assert Path(".mcp.json").read_text("utf-8") == "{}"
    assert not Path(".cursor/mcp.json").exists()


@pytest.mark.slow
async def test_what_cannot_be_read_back_is_told_and_can_be_taken_back(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        # the program that is to be asked for the headers is nowhere
        await activating(pilot, draft(ClientChoice("claude-code", how="helper")))
        await pilot.press("enter")
        await reads(pilot, "written, not read back")
        assert "The helper that gives Claude Code the headers does not work." in " ".join(
            text_of(app).split()
        )
        await pilot.press("u")
        await reads(pilot, "as it was before")
    assert not Path(".mcp.json").exists()


@pytest.mark.row("G5")
@pytest.mark.parametrize("size", SIZES)
async def test_a_file_that_refuses_shows_the_entry_to_put_in(home: Path, size: tuple[int, int]) -> None:
    Path(".mcp.json").write_text('{"mcpServers": {}, } // mine', "utf-8")
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        await activating(pilot, draft())
        assert "cannot read" in text_of(app)
        if size[0] < 100:
            assert "F1 shows the entry." in " ".join(text_of(app).split())
            await pilot.press("f1")
            await settled(pilot)
        assert "The entry, to be put in by hand" in text_of(app)
        assert '"fleet": {' in text_of(app)
        assert "z" * 48 not in text_of(app)


@pytest.fixture
def mine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A connection that Claude Code has in this folder, beside an entry of somebody else's."""
    monkeypatch.setenv("MINE_TOKEN", secrets.token_urlsafe(24))
    monkeypatch.setattr(jobs, "proven", proves)
    every = WORK.places()
    monkeypatch.setattr(places, "places", lambda: every)
    connection = Connection(
        "mine", "mcp", "own", "https://example.com/mcp", "bearer", secrets={"token": "env:MINE_TOKEN"}
    )
    connections.save(connection)
    path = Path(".mcp.json")
    path.write_text(json.dumps({"mcpServers": {"theirs": {"command": "true"}}}), "utf-8")
    from wizard import using

    export.write(using.prepare(connection, "claude-code", project=True))
    return path


def servers(path: str | Path) -> list[str]:
    return list(json.loads(Path(path).expanduser().read_text("utf-8"))["mcpServers"])


@pytest.mark.slow
@pytest.mark.row("G5", "L2")
@pytest.mark.parametrize("size", SIZES)
async def test_a_saved_connection_is_used_in_more_clients(mine: Path, size: tuple[int, int]) -> None:
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        await reads(pilot, "m Manage")
        await pilot.press("m")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "In these clients")
        await pilot.press("a")
        await on(pilot, ClientsScreen)
        await reads(pilot, "has it")
        await settled(pilot)
        await pilot.press("enter")
        await reads(pilot, "Nothing is ticked")
        await pilot.press("slash", *"cursor (you", "enter", "space", "enter")
        await reads(pilot, "written, read back, answered")
        assert servers("~/.cursor/mcp.json") == ["mine"]
        await pilot.press("u")
        await reads(pilot, "as it was before")
        assert not Path("~/.cursor/mcp.json").expanduser().exists()
        await pilot.press("enter")
        await on(pilot, ConnectionScreen)
        await reads(pilot, "In these clients")


@pytest.mark.row("G5")
@pytest.mark.parametrize("size", SIZES)
async def test_a_saved_connection_is_taken_out_of_a_client(mine: Path, size: tuple[int, int]) -> None:
    before = mine.read_bytes()
    app = Authwizard()
    async with app.run_test(size=size) as pilot:
        app.push_screen(ClientsScreen("mine"))
        await reads(pilot, "has it")
        await settled(pilot)
        assert "x take out" in text_of(app)
        await pilot.press("x")
        await reads(pilot, "Take mine out of Claude Code (this project)?")
        assert '-"mine": {' in text_of(app)
        await pilot.press("escape")
        await reads(pilot, "x take out")
        await pilot.press("x")
        await reads(pilot, "Take mine out")
        await pilot.press("enter")
        await reads(pilot, "mine is out of Claude Code")
        assert servers(mine) == ["theirs"]
        await pilot.press("u")
        await reads(pilot, "as it was before")
        assert mine.read_bytes() == before


@pytest.mark.slow
async def test_an_entry_in_another_folder_is_listed_and_said_to_be_changed(
    mine: Path, tmp_path: Path
) -> None:
    from wizard import using

    other = tmp_path / "elsewhere" / ".mcp.json"
    other.parent.mkdir()
    connection = connections.get("mine")
    export.write(using.prepare(connection, "claude-code", project=True, path=other))
    mine.write_text(mine.read_text("utf-8").replace("example.com", "example.org"), "utf-8")
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ClientsScreen("mine"))
        await reads(pilot, "has it, changed since")
        await settled(pilot)
        assert "Claude Code (elsewhere)" in text_of(app)
        await pilot.press("x")
        await reads(pilot, "It was changed since it was written")


async def test_a_connection_that_is_gone_is_a_sentence(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ClientsScreen("nosuch"))
        await reads(pilot, "no connection")
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(app.screen, ClientsScreen)


async def test_what_cannot_hold_it_is_not_ticked_though_it_was_chosen(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await activating(pilot, draft(ClientChoice("claude-code"), ClientChoice("cursor")))
        offer = places.offer(WORK.places(), screen.planned(), "api", {"claude-code project"})
        screen.offer(offer, {"claude-code project", "env project"})
        assert screen.clients.ticked == ("env project",)


@pytest.mark.slow
async def test_only_ascii_and_nothing_lost_in_a_small_terminal(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHWIZARD_ASCII", "1")
    app = Authwizard()
    async with app.run_test(size=(50, 14)) as pilot:
        app.push_screen(ClientsScreen("mine"))
        await reads(pilot, "has it")
        for keys in ((), ("end", "enter"), ("f1",), ("escape", "home", "x")):
            await pilot.press(*keys)
            await settled(pilot)
            # the scroll bar is drawn by Textual itself
            stray = {c for c in text_of(app) if not c.isascii()} - set("▁▂▃▄▅▆▇█")
            assert not stray, (keys, stray)
        assert "Enter take it out" in text_of(app)
