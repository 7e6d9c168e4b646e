"""Where a client's program was not found, that is said of the program and not of its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import plain_steps
from wizard.setup import places


def test_it_is_the_program_that_was_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    file = Path(".cursor/mcp.json")
    file.parent.mkdir()
    file.write_text("{}")
    place = next(p for p in places.places() if p.path.endswith("project/.cursor/mcp.json"))
    item = plain_steps._client(place, "")
    assert "(Cursor itself was not found)" in item.note
    assert "on this machine" not in item.note
