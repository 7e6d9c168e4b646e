"""The command line in this process, a secret in a variable of its own, and the practice services."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice
from wizard.secret import Secret


@dataclass(frozen=True)
class Ran:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def causes(self) -> list[str]:
        """The causes that the doctor's answer names, the first one first."""
        return [f["cause"] for f in self.json["findings"]]

    @property
    def warnings(self) -> list[str]:
        """The causes that the doctor's answer warns of."""
        return [w["cause"] for w in self.json["warnings"]]


Run = Callable[..., Ran]
Put = Callable[[Secret | str], str]


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
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Put a secret into a variable of its own; its SOURCE."""

    def go(secret: Secret | str) -> str:
        name = f"T_{secrets.token_hex(4)}".upper()
        monkeypatch.setenv(name, secret if isinstance(secret, str) else secret.reveal())
        return f"env:{name}"

    return go


@pytest.fixture
def services(home: Path) -> Iterator[Practice]:
    """The practice services, running for this test alone."""
    with practice.start() as running:
        yield running
