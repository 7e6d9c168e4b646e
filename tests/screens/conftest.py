"""Pictures: the snapshot plugin hands its folder over in the environment, which `home` empties."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from screens import jobs
from wizard.clients import programs

_FOLDER = os.environ.get("TEXTUAL_SNAPSHOT_TEMPDIR", "")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The README's command looks at each picture in the smaller size, `.ci/run` in both."""
    for item in items:
        if "120x40" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def picture_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the plugin its folder back."""
    monkeypatch.setenv("TEXTUAL_SNAPSHOT_TEMPDIR", _FOLDER)


@pytest.fixture
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine is found, and the program is called by its name."""
    monkeypatch.setattr(jobs, "found_in_clients", lambda _: ())
    monkeypatch.setattr(programs, "program", lambda: ("authwizard",))
