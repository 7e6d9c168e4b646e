"""Pictures: the snapshot plugin hands its folder over in the environment, which `home` empties."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_FOLDER = os.environ.get("TEXTUAL_SNAPSHOT_TEMPDIR", "")


@pytest.fixture(autouse=True)
def picture_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the plugin its folder back."""
    monkeypatch.setenv("TEXTUAL_SNAPSHOT_TEMPDIR", _FOLDER)
