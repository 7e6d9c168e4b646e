"""Have, need and missing of scopes, groups and roles, as the doctor answers them; a gateway's rules read out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oddities.odd_server import Odd, OddServer, served
from support.running import Run

from diagnostics import allowed
from diagnostics.engine import Facts
from diagnostics.facts.gateway import Opened
from diagnostics.facts.permission import GROUP, ROLE, SCOPE, Demand, Permissions
from diagnostics.permissions import claims_named, demanded, echoed, overage, program, shapes, walk
from wizard.gateway import rules

RULES = rules.parse(
    """
group_mappings:
  team-one: [one/read]
  team-two: [one/read, two/execute]
one/read:
  - {server: currenttime, methods: [initialize, tools/list], tools: [now]}
two/execute:
  - {server: currenttime, methods: [tools/call], tools: [now, then]}
  - {server: fininfo, methods: [initialize, tools/list, tools/call], tools: [quote]}
""",
    "scopes.yml",
)


@pytest.fixture
def ask(run: Run, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]  # a closure
    """Ask the doctor about a protected server with a token of these claims; its JSON."""

    def go(server: OddServer, *words: str, **claims: object) -> Any:
        monkeypatch.setenv("T_PERMITTED", server.issue(**claims))
        return run("doctor", server.mcp, "--credential", "env:T_PERMITTED", *words, "--json")

    return go


@pytest.mark.row("F8", "G7")
def test_what_a_person_requires_is_held_against_the_token(ask) -> None:  # type: ignore[no-untyped-def]  # as above
    with served(Odd()) as server:
        held = {"groups": ["Team-One"], "realm_access": {"roles": ["reader"]}}
        words = ("--require-group", "team_one", "--require-role", "writer", "--require-scope", "write")
        done = ask(server, *words, **held)
    found = done.json["permissions"]
    assert done.code == 1
    assert [m["name"] for m in found["scopes"]["missing"]] == ["write"]
    assert [(m["name"], m["near"]) for m in found["groups"]["missing"]] == [("team_one", "Team-One")]
    assert [(m["name"], m["owner"]) for m in found["roles"]["missing"]] == [("writer", "idp-admin")]
    assert found["groups"]["have"] == [{"name": "Team-One", "claim": "groups"}]
    assert found["roles"]["have"] == [{"name": "reader", "claim": "realm_access.roles"}]
    assert {"insufficient-scope", "group-name-case-or-hyphen", "scope-present-role-missing"} >= set(
        done.causes
    )


def test_what_is_required_and_there_is_no_finding(ask) -> None:  # type: ignore[no-untyped-def]  # as above
    with served(Odd()) as server:
        words = ("--require-group", "ops", "--require-role", "reader", "--require-scope", "read")
        done = ask(server, *words, groups=["ops"], roles=["reader"])
        assert (done.code, done.causes) == (0, [])
        assert all(not done.json["permissions"][kind]["missing"] for kind in ("scopes", "groups", "roles"))


def test_the_text_says_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Odd()) as server:
        monkeypatch.setenv("T_PERMITTED", server.issue(groups=["/ops"]))
        words = ("doctor", server.mcp, "--credential", "env:T_PERMITTED", "--require-group", "ops")
        assert "missing ops (you; `/ops` differs by a slash before it)" in run(*words).out
        assert "missing ops" in run(*words, "--markdown").out


@pytest.mark.row("G6")
def test_a_gateways_rules_say_what_a_token_may_use() -> None:
    facts = Facts({Opened: Opened("currenttime", ("team-one",), RULES)})
    found = allowed.allowed(facts)
    assert found is not None
    servers = {s.name: s for s in found.servers or ()}
    assert (servers["currenttime"].methods, servers["currenttime"].tools) == (
        ("initialize", "tools/list"),
        ("now",),
    )
    assert servers["currenttime"].closed == (("then", ("two/execute",), ("team-two",)),)
    assert servers["fininfo"].closed[0] == ("*", ("two/execute",), ("team-two",))
    assert json.dumps(found.as_json())
    assert any("then wants one of two/execute; groups team-two" in line for line in allowed.lines(found))


@pytest.mark.row("G6", "G7")
@pytest.mark.parametrize(
    ("group", "near"),
    [("team-tree", ""), ("Team-One", "Team-One"), ("team_one", "team_one"), ("/team-one", "/team-one")],
)
def test_the_group_that_is_missing_and_what_is_nearly_it(group: str, near: str) -> None:
    held = tuple(walk({"groups": [group]}))
    facts = Facts({Opened: Opened("currenttime", (group,), RULES), Permissions: Permissions(held)})
    found = allowed.allowed(facts)
    assert found is not None
    missing = {m.name: m.near for m in found.of(GROUP).missing}
    assert missing["team-one"] == near


@pytest.mark.parametrize(
    ("words", "body", "wanted"),
    [
        ("requires group 'ops'", "", {("group", "ops")}),
        ("User alice is not in group ops.", "", {("group", "ops")}),
        ("must be a member of 'ops'", "", {("group", "ops")}),
        ("needs one of groups [a-team, b-team]", "", {("group", "a-team"), ("group", "b-team")}),
        ("missing required role: ROLE_ADMIN", "", {("role", "ROLE_ADMIN")}),
        ("Role 'admin' is required", "", {("role", "admin")}),
        ("'admin' role required", "", {("role", "admin")}),
        ("missing scopes: read, write", "", {("scope", "read"), ("scope", "write")}),
        ("", '{"error": {"details": {"required_groups": ["x", "y"]}}}', {("group", "x"), ("group", "y")}),
        ("", '{"missingRole": "editor"}', {("role", "editor")}),
        ("You do not have the required role for this", "", set()),
        ("groups claim not found in token", "", set()),
        ("Forbidden", "not json", set()),
        ("RBAC: access denied", "", set()),
    ],
)
def test_what_a_refusal_asks_for_by_name(words: str, body: str, wanted: set[tuple[str, str]]) -> None:
    assert {(d.kind, d.value) for d in demanded(words, body)} == wanted


def test_another_spelling_in_the_refusal_is_heard() -> None:
    held = tuple(walk({"groups": ["data_readers"]}))
    assert echoed(held, "not a member of Data Readers") == (
        Demand(GROUP, "Data Readers", "the server's refusal"),
    )
    assert echoed(held, "data_readers may not") == ()


@pytest.mark.slow
@given(st.text(max_size=300), st.text(max_size=300))
def test_no_words_of_a_refusal_break_it(words: str, body: str) -> None:
    demanded(words, body)
    claims_named(words)
    echoed(tuple(walk({"groups": [words, body]})), body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["scope", "scp", "groups", "roles", "realm_access", "_claim_names", "hasgroups", "gty"]
) | st.text(max_size=12)


@pytest.mark.slow
@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_no_claims_break_it(claims: dict[str, object]) -> None:
    held = tuple(walk(claims))
    found = Permissions(
        held, (), tuple(shapes(claims)), "", (), overage(claims), program(claims), tuple(claims)
    )
    whole = allowed.allowed(Facts({Permissions: found}))
    assert whole is not None
    assert json.dumps(whole.as_json())
    assert {s.kind for s in whole.standings} == {SCOPE, GROUP, ROLE}


def test_a_token_with_thousands_of_groups_shows_the_first_of_them(home: Path) -> None:
    held = tuple(walk({"groups": [f"g{n}" for n in range(10_000)]}))
    found = allowed.allowed(Facts({Permissions: Permissions(held)}))
    assert found is not None
    shown = found.of(GROUP).as_json()
    assert shown["count"] == 10_000
    assert isinstance(shown["have"], list) and len(shown["have"]) == 200
