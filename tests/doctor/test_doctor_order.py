"""How long a row waits for each probe: by it they begin."""

from __future__ import annotations

from diagnostics import probes, targets
from diagnostics.engine import Context, Probe, Skip, gather, rows
from wizard.transport import Transport


class Plain:
    """A fact that says nothing."""

    def seen(self) -> str:
        return ""


class First(Plain):
    """A fact that nothing waits for."""


class Second(Plain):
    """A fact for the third."""


class Third(Plain):
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


async def test_what_no_row_waits_for_begins_after_it() -> None:
    begun: list[str] = []

    async def heard(name: str) -> Skip:
        begun.append(name)
        return Skip("")

    async def first() -> Second:
        begun.append("head")
        return Second()

    async def then(second: Second) -> Third:
        begun.append("middle")
        return Third()

    async def last(third: Third) -> Skip:
        return await heard("last")

    async def leaf() -> Skip:
        return await heard("leaf")

    probes_ = [
        Probe("leaf", "", First, leaf),
        Probe("last", "", str, last),
        Probe("middle", "", Third, then),
        Probe("head", "", Second, first),
    ]
    async with Transport() as transport:
        await gather(Context(targets.from_url("http://127.0.0.1:9/"), transport), probes_, lambda _: None)
    assert begun[0] == "head"
    assert sorted(begun) == ["head", "last", "leaf", "middle"]


def test_the_servers_metadata_is_asked_for_before_what_only_compares() -> None:
    found = {p.id: rows(probes.every())[p.gives] for p in probes.every()}
    assert found["request"] > found["metadata"] > found["other-form"] == 0
