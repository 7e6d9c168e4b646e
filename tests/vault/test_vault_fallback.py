"""The second method of a connection as data: two that change places, and what the file makes of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from wizard import connections, fallbacks, outcomes
from wizard.connections import Connection, Fallback
from wizard.errors import FileProblem, UsageError
from wizard.names import LOGIN
from wizard.oauth import kept, sessions
from wizard.oauth.model import Login
from wizard.outcomes import Outcome
from wizard.secret import Secret
from wizard.vault import free_field, get_store, parse_source

_WORDS = st.text("abc.-_ é\u202e", max_size=6)
_PAIRS = st.dictionaries(_WORDS, _WORDS, max_size=3)
_LISTS = st.lists(_WORDS, max_size=3).map(tuple)
_SOURCES = st.dictionaries(
    _WORDS, st.sampled_from(["env:A", "file:/x/y", "keyring:authwizard/a/b"]), max_size=3
)
_FALLBACKS = st.builds(
    Fallback,
    _WORDS.filter(bool),
    settings=_PAIRS,
    secrets=_SOURCES,
    scopes=_LISTS,
    tools=_LISTS,
    allow=_LISTS,
)
ONE = Connection(
    "one", "mcp", "own", "https://a.invalid/mcp", "bearer", {"x": "1"}, {"token": "env:A"}, ("r",)
)
TWO = Fallback("headers", {"y": "2"}, {"header.X": "env:B"}, ("w",), (), ("http",))


@given(second=_FALLBACKS)
@settings(
    max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_goes_in_comes_out_and_two_switches_change_nothing(second: Fallback) -> None:
    one = replace(ONE, fallback=second)
    assert fallbacks.switched(fallbacks.switched(one)) == one
    saved = connections.save(one)
    assert connections.load_all() == (saved,)
    assert saved.fallback == second
    connections.path().unlink()


def test_a_switch_moves_the_outcomes_along() -> None:
    connections.save(replace(ONE, fallback=TWO))
    outcomes.remember("one", Outcome("broken", "x", "no", 1.0))
    outcomes.remember("one --fallback", Outcome("works", "", "3 tools", 2.0))
    now = fallbacks.switch("one")
    assert (now.method, now.fallback and now.fallback.method) == ("headers", "bearer")
    assert outcomes.load()["one"].says == "3 tools"
    assert not fallbacks.good(now)
    assert fallbacks.good(fallbacks.switch("one"))


def test_it_is_taken_away() -> None:
    connections.save(replace(ONE, fallback=TWO))
    connections.save(fallbacks.without_fallback(connections.get("one")))
    assert connections.get("one") == replace(ONE, created=connections.get("one").created)
    assert "fallback" not in connections.path().read_text("utf-8")
    with pytest.raises(UsageError, match="has no fallback"):
        fallbacks.switch("one")


@pytest.mark.parametrize(
    "other",
    [{"service": "http"}, {"environment": "practice"}, {"url": "https://b.invalid/mcp"}],
    ids=["service", "environment", "url"],
)
def test_it_is_for_the_same_place_alone(other: dict[str, str]) -> None:
    there = replace(ONE, **other)  # type: ignore[arg-type]  # texts of a connection
    with pytest.raises(UsageError, match="the same service at the same address"):
        fallbacks.with_fallback(ONE, there)
    assert fallbacks.after(replace(ONE, fallback=TWO), there).fallback is None
    assert fallbacks.after(replace(ONE, fallback=TWO), replace(ONE, method="none")).fallback == TWO


@pytest.mark.parametrize(
    "held", ["x", [], {}, {"method": ""}, {"method": "bearer", "secrets": {"a": 1}}, {"method": 3}]
)
def test_a_fallback_that_is_none_is_named_and_left(held: object) -> None:
    connections.save(ONE)
    raw = json.loads(connections.path().read_text("utf-8"))
    raw["connections"][0]["fallback"] = held
    text = json.dumps(raw)
    connections.path().write_text(text, "utf-8")
    with pytest.raises(FileProblem) as caught:
        connections.load_all()
    assert caught.value.id == "connections-broken"
    assert connections.path().read_text("utf-8") == text


def test_what_a_later_version_says_of_it_stays_with_its_method() -> None:
    connections.save(replace(ONE, fallback=TWO))
    raw = json.loads(connections.path().read_text("utf-8"))
    raw["connections"][0]["fallback"]["later"] = 1
    connections.path().write_text(json.dumps(raw), "utf-8")
    connections.save(replace(connections.get("one"), scopes=()))
    assert json.loads(connections.path().read_text("utf-8"))["connections"][0]["fallback"]["later"] == 1
    fallbacks.switch("one")
    assert "later" not in json.loads(connections.path().read_text("utf-8"))["connections"][0]["fallback"]


def test_a_bare_secret_is_no_reference_here_either() -> None:
    bare = replace(TWO, secrets={"token": secrets.token_urlsafe(20)})
    with pytest.raises(UsageError):
        connections.save(replace(ONE, fallback=bare))
    assert not connections.path().exists()


def test_two_methods_with_a_field_of_one_name_share_no_place(home: Path) -> None:
    store = get_store("file")
    first = store.save("one", "token", Secret("first"))
    assert free_field("token", ()) == "token"
    assert free_field("token", ("env:token", "file:/elsewhere/token")) == "token"
    second = store.save("one", free_field("token", (first,)), Secret("second"))
    assert first != second
    assert (parse_source(first).read(), parse_source(second).read()) == (Secret("first"), Secret("second"))
    assert free_field("token", (second,)) == "token"
    odd = store.save("one", "header.X Y", Secret("x"))
    assert store.save("one", free_field("header.X Y", (odd,)), Secret("z")) != odd


def login(name: str) -> Login:
    return Login(f"https://{name}.invalid", "me", Secret(secrets.token_urlsafe(16)))


def test_a_login_is_kept_with_the_method_in_force_and_leaves_the_other(home: Path) -> None:
    connections.save(replace(ONE, method="authorization_code", secrets={}))
    kept.keep("one", login("first"), store="file")
    first = connections.get("one")
    # logged in, switched, logged in by the second
    connections.save(replace(first, fallback=Fallback("device_code")))
    fallbacks.switch("one")
    kept.keep("one", login("second"), store="file")
    assert sessions.read("one").login.issuer == "https://second.invalid"
    fallbacks.switch("one")
    assert sessions.read("one").login.issuer == "https://first.invalid"
    kept.keep("one", login("third"))
    now = connections.get("one")
    assert now.fallback is not None
    assert now.secrets[LOGIN] != now.fallback.secrets[LOGIN]
    fallbacks.switch("one")
    assert sessions.read("one").login.issuer == "https://second.invalid"


def test_what_is_replaced_and_used_no_more_is_forgotten(home: Path) -> None:
    store = get_store("file")
    places = [store.save("one", f"token.{n}", Secret(str(n))) for n in range(3)]
    shared = store.save("one", "shared", Secret("both"))
    connections.save(replace(ONE, name="two", secrets={"token": shared}))
    connections.save(
        replace(
            ONE, secrets={"token": places[0], "more": shared}, fallback=replace(TWO, secrets={"a": places[1]})
        )
    )
    connections.save(replace(ONE, secrets={"token": places[2]}))
    there = [Path(p.removeprefix("file:")).exists() for p in (*places, shared)]
    assert there == [False, False, True, True]
