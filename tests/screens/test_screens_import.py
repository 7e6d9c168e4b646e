"""The home screen imports what a client has: looked at, saved with Enter, then diagnosed."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from looks import Snap
from screens_keys import on, reads, settled, text_of
from textual.pilot import Pilot

from screens.app import Authwizard
from screens.diagnose.screen import DiagnoseScreen
from screens.home import Home
from screens.importing import ImportScreen
from wizard import connections, vault

URL = "http://127.0.0.1:9/mcp"


def cursor(home: Path, entry: dict[str, object]) -> None:
    (home / ".cursor").mkdir(exist_ok=True)
    (home / ".cursor/mcp.json").write_text(json.dumps({"mcpServers": {"notion": entry}}), "utf-8")


@pytest.mark.slow
@pytest.mark.row("U5")
async def test_a_found_entry_becomes_a_connection(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = secrets.token_urlsafe(24)
    cursor(home, {"url": URL, "headers": {"Authorization": f"Bearer {token}"}})
    monkeypatch.setattr(vault, "default_store", lambda: vault.get_store("file"))
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, Home)
        await reads(pilot, "cursor:notion")
        await pilot.press("end")
        await reads(pilot, "i Import")
        await pilot.press("i")
        await on(pilot, ImportScreen)
        await reads(pilot, "will be the connection notion")
        assert token not in text_of(app)
        await pilot.press("enter")
        await reads(pilot, "notion is saved")
        await reads(pilot, "authwizard export notion --client cursor")
        assert token not in text_of(app)
        assert connections.secrets_of(connections.get("notion"))["token"].reveal() == token
        await pilot.press("enter")
        await on(pilot, DiagnoseScreen)
        await pilot.press("escape")
        await on(pilot, Home)
        await settled(pilot)
        assert "cursor:notion" not in text_of(app)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("stage", ["ready", "saved", "stopped"])
def test_import(
    home: Path, snap_compare: Snap, size: tuple[int, int], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTION_TOKEN", "one")
    headers = {"Authorization": "Bearer ${env:NOTION_TOKEN}", "X-Region": "us-east-1"}
    cursor(
        home,
        {"url": "ftp://x"}
        if stage == "stopped"
        else {"url": "https://mcp.example.com/mcp", "headers": headers},
    )
    monkeypatch.setattr("screens.jobs.found_in_clients", lambda _: ())

    async def press(pilot: Pilot[int]) -> None:
        await settled(pilot)
        pilot.app.push_screen(ImportScreen("cursor:notion"))
        await on(pilot, ImportScreen)
        await settled(pilot)
        if stage == "saved":
            await pilot.press("enter")
            await settled(pilot)

    assert snap_compare(Authwizard(), terminal_size=size, run_before=press)
