"""The practice services, running once for all tests of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import practice
from sandbox.practice import Practice
from wizard import practice as record


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
