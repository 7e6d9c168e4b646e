"""A draft that was left is kept without its secrets, and gone on with where it was left."""

from __future__ import annotations

import json
import secrets
import stat
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard import catalogue, setup
from wizard.livetest import LiveTestReport, Step
from wizard.secret import Secret
from wizard.services import Service
from wizard.setup import Draft, resume, unfinished

GOOD = LiveTestReport("x", True, (Step("health", "health", True),))


@pytest.fixture
def faos() -> Service:
    return catalogue.load().get("faos")


@pytest.fixture
def value() -> str:
    return "faosx_" + secrets.token_urlsafe(32)


@pytest.fixture
def ready(faos: Service, value: str) -> Draft:
    d = setup.with_service(setup.new(), faos, faos.environment("prod"))
    d = setup.with_method(d, faos.methods[0])
    d = setup.with_setting(setup.with_secret(d, "token", Secret(value)), "tenant_id", "tenant-prod")
    d = setup.with_clients(setup.with_preset(d, "analyst"), [setup.ClientChoice("vscode", how="env")])
    return setup.with_test(setup.with_name(d, "mine"), GOOD)


def kept(d: Draft, step: str) -> resume.Unfinished:
    found = resume.unfinished(d, step, "2026-11-21T14:35:07Z")
    assert found is not None
    again = resume.parse(json.loads(json.dumps(resume.as_json(found))))
    assert again == found
    return found


def test_all_but_the_secret_comes_back(ready: Draft, faos: Service, value: str) -> None:
    found = kept(ready, "test")
    assert value not in json.dumps(resume.as_json(found))
    assert found.says == "Go on with FAOS, step 5"
    d, step = resume.restored(found, faos)
    assert step == "credentials"
    assert found.again == ("token",)
    assert not d.secrets
    assert d.test is None
    same = ("service", "environment", "method", "settings", "scopes", "tools", "preset", "clients", "name")
    assert {n: getattr(d, n) for n in same} == {n: getattr(ready, n) for n in same}


def test_a_reference_is_kept_and_the_walk_goes_on_where_it_was(ready: Draft, faos: Service) -> None:
    for source in ("env:FAOS_API_TOKEN", "file:/run/token"):
        d, step = resume.restored(kept(setup.with_source(ready, "token", source), "permissions"), faos)
        assert (setup.sources_of(d), step) == ({"token": source}, "permissions")


def test_what_standard_input_gave_is_asked_for_again(ready: Draft) -> None:
    found = kept(setup.with_source(ready, "token", "-", Secret("x" * 20)), "permissions")
    assert (found.sources, found.again) == ({}, ("token",))


def test_an_untested_connection_is_tested_before_it_is_written(ready: Draft, faos: Service) -> None:
    d = setup.with_source(ready, "token", "env:FAOS_API_TOKEN")
    assert resume.restored(kept(d, "activate"), faos)[1] == "test"


def test_what_belongs_to_a_practice_that_ended_is_not_kept() -> None:
    fleet = catalogue.load().get("fleet")
    d = setup.with_service(setup.new(), fleet, fleet.environment("practice"), "http://127.0.0.1:5")
    d = setup.with_source(
        setup.with_method(d, fleet.methods[0]), "token", "file:/gone/auth_token", Secret("x")
    )
    found = kept(d, "permissions")
    assert (found.url, found.sources, found.again) == ("", {}, ("token",))
    assert resume.restored(found, fleet)[1] == "service"
    d, step = resume.restored(found, fleet, "http://127.0.0.1:6")
    assert (step, setup.url_of(d)) == ("credentials", "http://127.0.0.1:6")


def test_what_the_service_no_longer_has_is_left_out(ready: Draft, faos: Service) -> None:
    d = setup.with_scopes(setup.with_source(ready, "token", "env:T"), ["graph:read"])
    found = kept(d, "test")
    changed = {
        **asdict(found),
        "schema": 1,
        "method": "gone",
        "scopes": ["gone:read", "graph:read"],
        "preset": "gone",
    }
    again = resume.parse(changed)
    assert again is not None
    d, step = resume.restored(again, faos)
    assert (d.method, d.scopes, step) == (None, ("graph:read",), "method")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "schema",
    "service",
    "title",
    "step",
    "settings",
    "sources",
    "again",
    "clients",
    "url",
    "saved",
    "tools",
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(FIELDS), json_values), json_values)
def test_whatever_stands_in_the_file_is_a_draft_or_nothing(changes: dict[str, object], other: object) -> None:
    assert resume.parse(other) is None or isinstance(other, dict)
    whole = resume.as_json(resume.Unfinished("faos", "FAOS", "method", settings={}, sources={}))
    assert resume.parse(whole) is not None
    found = resume.parse({**whole, **changes})
    if found is not None:
        assert found.number in range(1, 7)
        resume.restored(found, catalogue.load().get("faos"))


def test_the_file_is_private_and_has_no_secret(ready: Draft, value: str) -> None:
    unfinished.keep(ready, "test")
    (place,) = unfinished.folder().iterdir()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert value not in place.read_text("utf-8")
    assert [u.says for u in unfinished.every()] == ["Go on with FAOS, step 5"]
    unfinished.discard("faos")
    assert unfinished.every() == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"schema": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": 1, "service": "../x"}',
    ],
)
def test_a_file_that_is_not_ours_to_understand_is_passed_over(content: bytes, ready: Draft) -> None:
    unfinished.folder().mkdir(parents=True)
    (unfinished.folder() / "faos.json").write_bytes(content)
    assert unfinished.every() == ()
    assert unfinished.get("faos") is None
    unfinished.keep(ready, "test")
    assert unfinished.get("faos") is not None


def test_a_draft_of_a_later_version_is_passed_over_and_stays(ready: Draft) -> None:
    unfinished.keep(ready, "test")
    (place,) = unfinished.folder().iterdir()
    later = place.read_text("utf-8").replace('"schema": 1', '"schema": 2')
    place.write_text(later, "utf-8")
    assert unfinished.every() == ()
    assert place.read_text("utf-8") == later


def test_a_folder_in_its_place_is_no_traceback(ready: Draft) -> None:
    Path(unfinished.folder() / "faos.json").mkdir(parents=True)
    assert unfinished.every() == ()
    unfinished.discard("faos")
