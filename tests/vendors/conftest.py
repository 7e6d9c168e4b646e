"""The practice vendors, running, and the command line in this process."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice
from wizard.catalogue import load
from wizard.secret import Secret


@dataclass(frozen=True)
class Ran:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer."""
        return json.loads(self.out)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run one command line in this process."""
    load.cache_clear()
    capfd.readouterr()

    def go(*words: str) -> Ran:
        code = main(list(words))
        seen = capfd.readouterr()
        return Ran(code, seen.out, seen.err)

    return go


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[Secret], str]:
    """Put a secret into a variable of its own; its SOURCE."""

    def go(secret: Secret) -> str:
        name = f"T_{secrets.token_hex(4)}".upper()
        monkeypatch.setenv(name, secret.reveal())
        return f"env:{name}"

    return go


@pytest.fixture
def vendors(home: object) -> Iterator[Practice]:
    """Every practice service."""
    load.cache_clear()
    with practice.start() as running:
        yield running
