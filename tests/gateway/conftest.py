"""The practice services, running, and a way to run a command line in this process."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from practice_gateway import Put, Ran, Run

from commands.main import main
from sandbox import practice
from sandbox.practice import Practice
from wizard import practice as record
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


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """The practice services, started once in a home of their own: most tests only ask them."""
    place = str(tmp_path_factory.mktemp("served"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", place)
        patch.setenv("XDG_STATE_HOME", f"{place}/state")
        started = practice.start()
    yield started
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", place)
        patch.setenv("XDG_STATE_HOME", f"{place}/state")
        started.stop()


@pytest.fixture
def running(served: Practice, home: Path) -> Practice:
    """The practice services as this test's home knows them, with nothing seen so far."""
    record.record({name: service.url for name, service in served.services.items()})
    for site in served._sites.values():
        site.seen.clear()
    return served


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Put a secret into a variable of its own; its SOURCE."""

    def go(secret: Secret) -> str:
        name = f"T_{secrets.token_hex(4)}".upper()
        monkeypatch.setenv(name, secret.reveal())
        return f"env:{name}"

    return go
