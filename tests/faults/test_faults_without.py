"""Each cause has its own rule to thank: with that taken away, its fault is not named by it any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.corpus import arranged, outcome
from faults.fault import FAULTS
from faults.world import VARIANTS

from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("cause", sorted(FAULTS))
def test_without_its_rule_it_is_not_named(cause: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(REGISTRY, cause)
    with arranged(FAULTS[cause].arrange, VARIANTS[0], home, monkeypatch) as words:
        found = outcome(words)
    assert found.first != cause
    assert cause not in found.warnings
