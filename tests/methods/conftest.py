"""What the tests of methods share: the command line in this process, and a secret in a variable of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from methods_support import Ran, Run

from commands.main import main


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run one command line in this process."""
    capfd.readouterr()

    def go(*words: str) -> Ran:
        code = main(list(words))
        seen = capfd.readouterr()
        return Ran(code, seen.out, seen.err)

    return go


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Put a text into a variable of its own; its SOURCE."""

    def go(text: str) -> str:
        name = f"T_{secrets.token_hex(4)}".upper()
        monkeypatch.setenv(name, text)
        return f"env:{name}"

    return go
