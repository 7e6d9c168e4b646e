"""Clients through FusionAuth's API at its practice service: many at once, listed with their use, removed by a yes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples
from support.running import Put, Ran, Run

from sandbox.practice import Practice
from sandbox.vendors import VendorSite
from sandbox.vendors_fusionauth_clients import Instance
from wizard.errors import UsageError
from wizard.registrars import clients_file as files
from wizard.secret import Secret

CSV = """\
name,redirect_uris,scopes
Claude Desktop,http://localhost:3334/callback http://127.0.0.1:3334/callback,
Cursor,http://localhost:3335/callback,
Anything,http://localhost:*/callback,
"""
Ask = Callable[..., Ran]


@pytest.fixture
def instance(services: Practice) -> Instance:
    site = services._sites["fusionauth"]
    assert isinstance(site, VendorSite) and isinstance(site.issuer, Instance)
    return site.issuer


@pytest.fixture
def ask(services: Practice, run: Run, put: Put) -> Ask:
    """``registrations`` at the practice FusionAuth."""
    place = services.services["fusionauth"]
    key = put(place.credentials["api_key"])

    def go(action: str, *words: str) -> Ran:
        return run("registrations", action, *words, "--at", place.url, "--secret", f"api_key={key}", "--json")

    return go


@pytest.fixture
def three(tmp_path: Path) -> str:
    file = tmp_path / "clients.csv"
    file.write_text(CSV, "utf-8")
    return str(file)


@pytest.mark.row("U8", "U2")
def test_many_are_registered_at_once_and_a_wildcard_is_warned_about(
    ask: Ask, three: str, instance: Instance
) -> None:
    before = dict(instance.applications)
    dry = ask("add", "--from", three, "--dry-run")
    assert dry.code == 0 and instance.applications == before
    assert [w["name"] for w in dry.json["wanted"]] == ["Claude Desktop", "Cursor", "Anything"]
    refused = ask("add", "--from", three)
    assert refused.code == 2 and refused.json["error"]["id"] == "not-agreed"
    assert instance.applications == before
    done = ask("add", "--from", three, "--yes")
    assert done.code == 0, done.out
    assert done.json["provider"] == "fusionauth"
    assert [c["name"] for c in done.json["added"]] == ["Claude Desktop", "Cursor", "Anything"]
    assert done.warnings == ["redirect-uri-wildcard"]
    assert "http://localhost:*/callback" in str(done.json["warnings"][0]["evidence"])
    made = instance.applications[done.json["added"][0]["client_id"]]["oauthConfiguration"]
    assert made["authorizedURLValidationPolicy"] == "ExactMatch"
    assert made["proofKeyForCodeExchangePolicy"] == "Required"
    again = ask("add", "--from", three, "--yes")
    assert again.code == 0 and not again.json["added"] and len(again.json["there"]) == 3
    assert len(instance.applications) == len(before) + 3


@pytest.mark.row("U8")
def test_those_left_behind_are_listed_and_removed_and_no_other(
    ask: Ask, three: str, instance: Instance
) -> None:
    added = {c["name"]: c["client_id"] for c in ask("add", "--from", three, "--yes").json["added"]}
    instance.used(added["Cursor"])
    listed = {c["name"]: c for c in ask("list").json["clients"]}
    assert listed["Cursor"]["use"] == "in-use" and listed["Cursor"]["last_used"]
    assert listed["Claude Desktop"]["use"] == "unused" and listed["Claude Desktop"]["left_behind"]
    # one that somebody else made stays, used or not
    assert listed["Practice"]["use"] == "unused" and not listed["Practice"]["left_behind"]
    asked = ask("remove", "--unused")
    assert asked.code == 2 and len(instance.applications) == 5
    would = ask("remove", "--unused", "--dry-run").json["would_remove"]
    assert sorted(c["name"] for c in would) == ["Anything", "Claude Desktop"]
    gone = ask("remove", "--unused", "--yes")
    assert gone.code == 0, gone.out
    assert sorted(a["name"] for a in instance.applications.values()) == ["Cursor", "FusionAuth", "Practice"]
    own = ask("remove", "FusionAuth", "--yes")
    assert own.code == 2 and own.json["error"]["id"] == "client-own"


@pytest.mark.row("U9")
def test_a_scope_that_wants_a_licence_is_named_and_leaves_nothing_behind(
    ask: Ask, tmp_path: Path, instance: Instance
) -> None:
    file = tmp_path / "clients.json"
    file.write_text('[{"name": "Claude", "redirect_uris": [], "scopes": ["get_name"]}]', "utf-8")
    before = dict(instance.applications)
    done = ask("add", "--from", str(file), "--yes")
    assert done.code == 1
    error = done.json["error"]
    assert error["id"] == "license-or-policy-disables-feature"
    assert "account.fusionauth.io" in " ".join(error["fix"])
    assert instance.applications == before
    instance.licensed = True
    assert ask("add", "--from", str(file), "--yes").code == 0


@pytest.mark.row("U8")
def test_a_key_that_may_not_says_so_and_is_shown_nowhere(services: Practice, run: Run, put: Put) -> None:
    wrong = Secret("not-a-key-" + "z" * 30)
    place = services.services["fusionauth"].url
    done = run("registrations", "--at", place, "--secret", f"api_key={put(wrong)}", "--json")
    assert done.code == 1 and done.json["error"]["id"] == "registrar-not-allowed"
    assert wrong.reveal() not in done.out + done.err
    none = run("registrations", "--at", place, "--json")
    assert none.code == 2 and none.json["error"]["id"] == "field-missing"


@pytest.mark.row("U8")
def test_whose_api_it_is_must_be_known(services: Practice, run: Run) -> None:
    done = run("registrations", "--at", services.services["github"].url, "--json")
    assert done.code == 2 and done.json["error"]["id"] == "provider-unknown"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,redirect_uris\n,http://localhost:1/c\n", "clients.csv:2: a client without a name"),
        ("nome\nx\n", "clients.csv:1: no heading"),
        ("name,redirect_uris\na,http://example.com/c\n", "plain http on another machine"),
        ("name,redirect_uris\na,javascript:alert(1)\n", "no address that a browser may be led to"),
        ("name,redirect_uris\na,http://localhost:1/c#x\n", "has a part after #"),
        ("name,redirect_uris\na,\nb,\na,\n", "clients.csv:4: the name `a` a second time"),
        ("name,redirect_uris\na,,,\n", "more cells"),
        ("name\n", "no client in it"),
        ('[{"name": "a", "secret": "x"}]', "an unknown name `secret`"),
        ('[{"name": 3}]', "something else than texts"),
        ("[1]", "client 1 is no object"),
        ("[", "no JSON"),
    ],
)
def test_a_file_at_fault_is_refused_at_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        files.parse(text, "clients.csv", "http://localhost:3334/callback")
    assert said in raised.value.detail, raised.value.detail


@given(st.text(max_size=200), st.sampled_from(["name,redirect_uris\n", "", "["]))
@settings(max_examples=examples(100))
def test_any_text_is_clients_or_a_sentence(text: str, head: str) -> None:
    try:
        found = files.parse(head + text, "clients.csv", "http://localhost:3334/callback")
    except UsageError as error:
        assert error.detail.startswith("clients.csv:")
    else:
        assert all(w.name and w.redirect_uris for w in found)


@pytest.mark.row("U2")
def test_a_wildcard_that_is_typed_is_refused_with_the_reason(services: Practice, run: Run) -> None:
    typed = ["--set", "redirect_uri=http://localhost:*/callback", "--set", "client_id=x"]
    url = services.services["mcp"].url
    done = run("setup", "mcp", "--url", url, "--method", "authorization_code", *typed, "--yes", "--json")
    assert done.code != 0
    assert "redirect-uri-wildcard" in done.out and "any port" in done.out, done.out
