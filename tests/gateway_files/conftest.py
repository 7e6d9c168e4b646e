"""A gateway's folder with a `.env` for the practice gateway, and a way to run a command line in this process."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gateway_support import HELD, Ran, folder

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
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
def checkout(home: Path) -> Path:
    """A gateway's folder as its owner has it: `.env` files, a provider list, an egress token."""
    return folder(home, "https://gw.test", dict.fromkeys(HELD, secrets.token_urlsafe()))


@pytest.fixture
def practised(home: Path, services: Practice) -> Path:
    """The same, for the practice gateway that runs."""
    gateway = services.services["gateway"]
    return folder(home, gateway.url, {name: gateway.credentials[name].reveal() for name in HELD})
