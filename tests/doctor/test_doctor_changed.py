"""What is another way since it worked is said in the finding (A13)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from oddities.odd_server import Odd, OddServer, served
from support.running import Put, Ran, Run

from wizard import outcomes
from wizard.outcomes import Outcome, Worked


@pytest.fixture
def server() -> Iterator[OddServer]:
    with served(Odd()) as running:
        yield running


@pytest.fixture
def kept(run: Run, put: Put, server: OddServer, home: object) -> Callable[[str], Ran]:
    """A connection of this name with a token of the server's own issuer."""

    def go(name: str) -> Ran:
        words = ("setup", "mcp", "--name", name, "--url", server.mcp, "--method", "bearer", "--yes", "--json")
        made = run(*words, "--secret", f"token={put(server.issue())}")
        assert made.code == 0, made.out + made.err
        return made

    return go


@pytest.mark.row("A13")
def test_what_changed_since_it_worked_stands_in_the_finding(
    run: Run, kept: Callable[[str], Ran], server: OddServer
) -> None:
    kept("one")
    healthy = run("doctor", "one", "--json")
    assert (healthy.code, healthy.json["changed"]["what"]) == (0, [])
    server.odd = Odd(change={"resource": {"resource": f"{server.mcp}/v2", "scopes_supported": ["admin"]}})
    server.mcp = f"{server.mcp}/v2"  # what its tokens are judged by
    found = run("doctor", "one", "--json")
    assert found.code == 1, found.out
    changed = {c["what"]: (c["then"], c["now"]) for c in found.json["changed"]["what"]}
    assert changed["offered scopes"] == (["read"], ["admin"])
    said = [e["fact"] for e in found.json["findings"][0]["evidence"] if e["probe"] == "fingerprint"]
    assert said and "offered scopes: `read` gone, `admin` new" in said[0]


@pytest.mark.row("A13")
def test_it_is_kept_at_activation_and_outlives_a_failure(
    run: Run, kept: Callable[[str], Ran], server: OddServer
) -> None:
    kept("two")
    worked = outcomes.worked("two")
    assert worked is not None and worked.seen["tools"] == ("look",)
    outcomes.remember("two", Outcome("broken", "x", "y", 5.0))
    assert outcomes.worked("two") == worked
    outcomes.remember("two", Outcome("works", at=9.0, worked=Worked(9.0, {"resource": ("r",)})))
    assert outcomes.worked("two") == Worked(9.0, {**worked.seen, "resource": ("r",)})


def test_a_case_keeps_it(run: Run, kept: Callable[[str], Ran], server: OddServer) -> None:
    kept("three")
    run("doctor", "three")
    server.odd = Odd(change={"resource": {"resource": f"{server.mcp}/v2"}})
    server.mcp = f"{server.mcp}/v2"
    found = run("doctor", "three", "--save", "case.json", "--json")
    again = run("doctor", "--replay", "case.json", "--json")
    assert again.json["changed"] == found.json["changed"]
    assert again.json["changed"]["what"]


def test_another_credential_is_not_remembered(
    run: Run, put: Put, kept: Callable[[str], Ran], server: OddServer
) -> None:
    kept("four")
    before = json.loads(outcomes.path().read_text())
    run("doctor", "four", "--credential", put("nonsense"))
    assert json.loads(outcomes.path().read_text()) == before
