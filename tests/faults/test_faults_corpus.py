"""Every fault is named first, in each of its variants, and on what is well nothing is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from faults.corpus import arranged, outcome
from faults.fault import FAULTS, SYSTEMS
from faults.world import VARIANTS, Variant

from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.slow

variants = pytest.mark.parametrize("variant", VARIANTS, ids=[f"v{v.number}" for v in VARIANTS])


@variants
@pytest.mark.parametrize("cause", sorted(FAULTS))
def test_it_is_named_first(cause: str, variant: Variant, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = FAULTS[cause]
    with arranged(fault.arrange, variant, home, monkeypatch) as words:
        found = outcome(words)
    if fault.advice:
        assert (found.code, found.causes) == (0, ()), found.document
        assert cause in found.warnings, found.document
        return
    assert (found.code, found.first) == (1, cause), found.document
    assert found.certainties[0] == fault.certainty, found.document
    assert not fault.herring or found.noticed(fault.herring), found.document
    assert fault.herring != found.first


@variants
@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_nothing_is_found_where_nothing_is_wrong(
    name: str, variant: Variant, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = SYSTEMS[name]
    with arranged(system.arrange, variant, home, monkeypatch) as words:
        found = outcome(words)
    assert (found.code, found.causes) == (0, ()), found.document
    assert set(found.warnings) <= set(system.warned), found.document


def test_each_fault_is_of_a_cause_that_there_is() -> None:
    assert set(FAULTS) <= set(REGISTRY)
    assert {f.herring for f in FAULTS.values() if f.herring} <= set(REGISTRY)
