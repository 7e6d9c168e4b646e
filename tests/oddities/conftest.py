"""A person who agrees at once, and codes that are asked about at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from oddities.odd_server import OddServer, served

from wizard.oauth import device

BROWSER = Path(__file__).parents[1] / "conformance/browser.py"


@pytest.fixture(autouse=True)
def agreeing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser follows where it is sent."""
    monkeypatch.setenv("BROWSER", f"{sys.executable} -I -S {BROWSER} %s")
    monkeypatch.setattr(device, "_LEAST", 0.01)
    monkeypatch.setattr(device, "_INTERVAL", 0.02)


@pytest.fixture
def odd(request: pytest.FixtureRequest) -> Iterator[OddServer]:
    """The odd server that the test names."""
    with served(request.param) as server:
        yield server
