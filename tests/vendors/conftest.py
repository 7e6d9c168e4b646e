"""The practice vendors, running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.practice import Practice
from wizard.catalogue import load


@pytest.fixture(autouse=True)
def read_anew(home: object) -> Iterator[None]:
    """The catalogue of this test's home, and of no other: its own services are read once per process."""
    load.cache_clear()
    yield
    load.cache_clear()


@pytest.fixture
def vendors(services: Practice) -> Practice:
    """Every practice service."""
    return services
