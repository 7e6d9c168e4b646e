"""In which order probes begin that may begin at once."""

from __future__ import annotations

from diagnostics import probes
from diagnostics.engine import Probe, Skip, in_order


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
    assert [p.id for p in in_order((leaf, last, middle, head))] == ["head", "middle", "leaf", "last"]


def test_the_servers_metadata_is_asked_for_before_what_only_compares() -> None:
    order = [p.id for p in in_order(probes.every())]
    assert order.index("request") < order.index("metadata") < order.index("other-form")
    assert sorted(order) == sorted(p.id for p in probes.every())
