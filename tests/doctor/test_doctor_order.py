"""How long a row waits for each probe: by it they begin."""

from __future__ import annotations

from diagnostics import probes
from diagnostics.engine import Probe, Skip, rows


class First:
    """A fact that nothing waits for."""


class Second:
    """A fact for the third."""


class Third:
    """A fact for the fourth."""


async def _free() -> Skip:
    return Skip("")


async def _second(second: Second) -> Skip:
    return Skip("")


async def _third(third: Third | None) -> Skip:
    return Skip("")


def test_what_most_waits_for_in_a_row_goes_first() -> None:
    leaf, head = Probe("leaf", "", First, _free), Probe("head", "", Second, _free)
    middle, last = Probe("middle", "", Third, _second), Probe("last", "", str, _third)
    assert rows((leaf, last, middle, head)) == {Second: 2, Third: 1, First: 0, str: 0}


def test_the_servers_metadata_is_asked_for_before_what_only_compares() -> None:
    found = {p.id: rows(probes.every())[p.gives] for p in probes.every()}
    assert found["request"] > found["metadata"] > found["other-form"] == 0
