"""Each odd server is named for what it is by `authwizard test`, first; the healthy ones are not, nor what is borne."""

from __future__ import annotations

from typing import Any

import pytest
from oddities.borne_ones import BORNE
from oddities.odd_ones import ODD, PAGE
from oddities.odd_server import Answer, Odd, OddServer
from support.running import Run

from commands import live
from diagnostics import doctor
from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.slow


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the doctor judged, so that it can be judged again."""
    seen: list[tuple[Any, ...]] = []
    judge = doctor.judge

    def noted(*words: Any) -> doctor.Diagnosis:
        seen.append(words)
        return judge(*words)

    monkeypatch.setattr(doctor, "judge", noted)
    return seen


def of(found: dict[str, Odd]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("odd", list(found.values()), ids=list(found), indirect=True)


def words(server: OddServer) -> tuple[str, ...]:
    return ("test", server.mcp, "--json", "--timeout", "30", *server.options())


@pytest.mark.row("A1")
@of(ODD)
def test_it_is_named(
    odd: OddServer, run: Run, judged: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "for_a_person", lambda seconds: seconds * odd.odd.patience)
    ran = run(*words(odd))
    finding = ran.json.get("finding")
    assert finding is not None, ran.out
    told = [finding["title"], *(e["fact"] for e in finding["evidence"])]
    assert (ran.code, finding["cause"], finding["certainty"]) == (
        1,
        odd.odd.cause,
        odd.odd.certainty,
    ), ran.out
    assert odd.odd.says in " ".join(told)
    assert finding["fix"] and "•" not in f"{finding['title']} {finding['fix']}"
    assert {p: n for p, n in odd.odd.most.items() if odd.times(p) > n} == {}
    assert odd.odd.hidden not in ran.out + ran.err
    monkeypatch.delitem(REGISTRY, odd.odd.cause)
    without = doctor.judge(*judged[-1])
    assert odd.odd.cause not in [f.cause for f in without.findings]


@of(BORNE)
def test_it_is_borne(odd: OddServer, run: Run) -> None:
    ran = run(*words(odd))
    assert (ran.code, ran.json.get("finding")) == (0, None), ran.out
    assert ran.json["tools"] == ["look"]


@pytest.mark.parametrize(
    "odd",
    [
        Odd(change={"issuer": {"authorization_endpoint": None}}),
        Odd(instead={"refusal": Answer(401), "resource": Answer(404)}),
        Odd(
            instead={
                "refusal": Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),)),
                "resource": PAGE,
            }
        ),
    ],
    ids=["nobody-logs-in", "says-nothing", "says-nothing-and-answers-a-page"],
    indirect=True,
)
def test_where_nobody_is_named_who_logs_people_in_a_credential_is_waited_for(
    odd: OddServer, run: Run
) -> None:
    ran = run(*words(odd))
    assert (ran.code, ran.json.get("finding")) == (0, None), ran.out
    assert {s["seen"] for s in ran.json["steps"] if s["id"] == "tools"} == {"waits for a credential"}
    assert odd.times("register") == odd.times("authorize") == 0
