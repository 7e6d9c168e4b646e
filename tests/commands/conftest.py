"""Practice services for the tests of the command line, and a way to run it in this process."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands_support import Ran, Run

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice
from wizard.secret import Secret


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
def services(home: Path) -> Iterator[Practice]:
    """The practice services, running."""
    with practice.start() as running:
        yield running


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[Secret], str]:
    """Put a secret into a variable of its own; its SOURCE."""

    def go(secret: Secret) -> str:
        name = f"T_{secrets.token_hex(4)}".upper()
        monkeypatch.setenv(name, secret.reveal())
        return f"env:{name}"

    return go
