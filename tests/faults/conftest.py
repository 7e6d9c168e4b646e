"""Every fault and every healthy system is read before anything is collected; a person who agrees at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from faults import fault

from wizard.oauth import device

fault.load()

BROWSER = Path(__file__).parents[1] / "conformance/browser.py"


@pytest.fixture(autouse=True)
def agreeing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser follows where it is sent."""
    monkeypatch.setenv("BROWSER", f"{sys.executable} -I -S {BROWSER} %s")
    monkeypatch.setattr(device, "_LEAST", 0.01)
    monkeypatch.setattr(device, "_INTERVAL", 0.02)
