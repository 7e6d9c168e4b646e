"""What the engine takes for granted of the probes: each gives a fact of its own, under a name of its own."""

from __future__ import annotations

from collections import Counter

from diagnostics import probes


def test_no_two_probes_give_the_same_fact_or_bear_the_same_name() -> None:
    every = probes.every()
    assert [k for k, n in Counter(p.gives for p in every).items() if n > 1] == []
    assert [k for k, n in Counter(p.id for p in every).items() if n > 1] == []
    assert [p.id for p in every if not p.title.strip()] == []
