"""Pictures of a login that a service's own program keeps: shown, cleared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from looks import NOW, Snap, shown, traces
from screens_keys import settled
from textual.pilot import Pilot

from screens.connection import ConnectionScreen
from wizard import caches, connections
from wizard.caches import Cleared
from wizard.connections import Connection

SAVED = Connection(
    "faos",
    "faos",
    "company",
    "https://api.yourcompany.faosx.ai",
    "sso",
    {"sso_domain": "yourcompany.com"},
    created="2026-11-19T10:00:00Z",
)


@pytest.fixture
def kept(home: Path) -> Path:
    """A login that the program keeps, and the connection that uses it."""
    connections.save(SAVED)
    path = home / ".faos" / "auth_cache.json"
    path.parent.mkdir()
    login = {"access_token": "x", "domain": "yourcompany.com", "expires_at": 4_102_444_800}
    path.write_text(json.dumps(login))
    return path


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("keys", ["", "l"], ids=["shown", "cleared"])
@pytest.mark.usefixtures("nothing_found")
def test_connection_with_a_login(
    snap_compare: Snap, size: tuple[int, int], keys: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path.home() / ".local/share/authwizard/backups/20261121T140000000000Z-0123456789ab-auth_cache.json"

    def clear(_: object) -> Cleared:
        (entry,) = caches.every(NOW)
        return Cleared((entry,), (copy,))

    monkeypatch.setattr(caches, "clear_for", clear)

    async def press(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press(*keys)
        await settled(pilot)

    assert snap_compare(shown(lambda: ConnectionScreen("faos")), terminal_size=size, run_before=press)


def test_no_picture_names_a_path_of_this_machine() -> None:
    assert traces(__file__) == []
