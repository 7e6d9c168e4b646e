"""What is offered at once, what is folded and why, what is found by typing, and what is told of a place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from wizard import export
from wizard.clients import every, telling
from wizard.entries import RemotePlan, Slot
from wizard.setup import places
from wizard.setup.places import Place

SLOT = Slot("token", "TOKEN")
REMOTE = RemotePlan("mine", "https://example.com/mcp", {"Authorization": ("Bearer ", SLOT)})
API = RemotePlan("mine", "https://example.com/api", {"Authorization": ("Bearer ", SLOT)}, speaks="api")


def found(*ids: str) -> tuple[Place, ...]:
    return places.in_order([replace(p, found=p.choice.client in ids) for p in places.places()])


@pytest.mark.row("A7")
def test_those_found_and_those_chosen_come_before_the_fold(home: Path) -> None:
    offer = places.offer(found("cursor"), REMOTE, "mcp", {"vscode own"})
    assert [p.id for p in offer.first] == ["cursor project", "cursor own", "vscode own"]
    assert offer.says == f"{len(offer.others)} others, not found here"
    assert {p.id for p in offer.every} == {p.id for p in places.places()}
    assert not set(offer.first) & set(offer.others)


def test_those_that_cannot_hold_it_are_told_from_those_not_found(home: Path) -> None:
    offer = places.offer(found("cursor", "env"), API, "api")
    assert [p.choice.client for p in offer.first] == ["env"] * len(offer.first)
    assert "not for this one" in offer.says
    assert f"{len(offer.others)} others: " in offer.says
    assert {p.id for p in offer.others if p.mcp} <= set(offer.shut)


def test_a_few_are_not_folded(home: Path) -> None:
    some = [p for p in found("cursor") if p.choice.client in ("cursor", "claude-code")]
    offer = places.offer(some, REMOTE, "mcp")
    assert len(offer.first) == 4
    assert (offer.others, offer.says) == ((), "")


def test_finding_looks_at_titles_first_and_at_the_folded_ones_too(home: Path) -> None:
    offer = places.offer(found("cursor"), REMOTE, "mcp")
    titles = [p.title for p in offer.matching(" VS C ")]
    assert titles[:2] == ["VS Code (this project)", "VS Code (you)"]
    assert not offer.matching("no such client")
    assert offer.matching("") == tuple(sorted(offer.every, key=lambda _: 0))


@pytest.mark.row("L2")
def test_what_is_told_of_a_place_has_a_sentence_for_everything(home: Path) -> None:
    for place in places.places():
        facts = places.facts(place, REMOTE)
        assert all(way and says for way, says in facts.ways)
        assert facts.judged in telling.JUDGED.values()
        assert (facts.now, facts.holds, facts.command) == ("", "", "")
    change = export.prepare(
        REMOTE, "mine", "claude-code", project=True, path=None, how="env", secrets={}, sources={}
    )
    place = next(p for p in places.places() if p.id == "claude-code project")
    facts = places.facts(place, REMOTE, change)
    assert (facts.now, facts.holds) == ("env", "holds in a new shell")
    assert facts.command.startswith("claude mcp add-json -s project mine ")


def test_without_a_secret_no_way_to_it_is_told(home: Path) -> None:
    bare = RemotePlan("mine", "https://example.com/mcp")
    assert all(places.facts(p, bare).ways == () for p in places.places() if p.choice.client == "cursor")


def test_every_client_says_from_when_an_entry_holds(home: Path) -> None:
    for client in every():
        for project in (True, False):
            assert telling.holds(client, project) in telling.HOLDS
