"""A second method of a connection: kept tested, tested again, named by the doctor, switched to by hand."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.keeping import where_found
from support.running import Put, Ran, Run
from test_commands_terminal import Terminal

from sandbox.practice import Practice
from wizard import connections, outcomes
from wizard.outcomes import Outcome
from wizard.secret import Secret

pytestmark = pytest.mark.slow

MCP = Path(".mcp.json")
ONCE = "Or switch to the fallback: authwizard connections switch work"
EXPORT = ("--client", "claude-code", "--project")


@pytest.fixture
def fleet(services: Practice) -> Practice:
    """The practice services, with a connection to Fleet by its token and no client yet."""
    token = services.services["fleet"].credentials["token"]
    place = Path("own-token").absolute()
    place.write_text(token.reveal(), "utf-8")
    url = services.services["fleet"].url
    held = {"token": f"file:{place}"}
    connections.save(connections.Connection("work", "fleet", "practice", url, "bearer", {}, held))
    return services


def with_fallback(run: Run, services: Practice, put: Put, token: Secret | str = "") -> Ran:
    """A second token as the fallback (Fleet has one, so it is the same one kept elsewhere)."""
    held = token or services.services["fleet"].credentials["token"]
    return run(
        *("setup", "fleet", "--name", "work", "--fallback", "--method", "bearer", "--yes", "--json"),
        *("--secret", f"token={put(held)}", "--store", "file"),
    )


def shown(run: Run) -> dict[str, Any]:
    return dict(run("connections", "show", "work", "--json").json["connections"][0])


@pytest.mark.slow
@pytest.mark.row("A14")
def test_a_fallback_is_kept_tested_and_switched_to_and_back(
    run: Run, services: Practice, put: Put, home: Path
) -> None:
    held = services.services["faos"].credentials
    made = run(
        *("setup", "faos", "--environment", "practice", "--name", "work", "--method", "api_token"),
        *("--secret", f"token={put(held['token'])}", "--set", "tenant_id=tenant-9", *EXPORT),
        *("--secrets", "env", "--store", "file", "--preset", "ci-cd", "--yes", "--json"),
    )
    assert made.code == 0, made.out + made.err
    before, first = MCP.read_bytes(), shown(run)
    assert first["fallback"] is None
    done = run(
        *("setup", "faos", "--name", "work", "--fallback", "--method", "service_account", "--yes", "--json"),
        *("--set", f"service_account_id={held['service_account_id'].reveal()}", "--store", "file"),
        *("--secret", f"service_account_secret={put(held['service_account_secret'])}"),
    )
    assert done.code == 0, done.out + done.err
    assert (done.json["fallback"], done.json["method"]) == (True, "service_account")
    assert (done.json["test"]["ok"], done.json["exports"]) == (True, [])
    assert MCP.read_bytes() == before
    second = shown(run)
    assert {**second, "fallback": None} == first
    assert second["fallback"]["method"] == "service_account"
    assert second["fallback"]["settings"]["tenant_id"] == "tenant-9"
    assert second["fallback"]["scopes"] == first["scopes"]
    assert second["fallback"]["tested"]["state"] == "works"
    again = run("test", "work", "--fallback", "--json")
    assert (again.code, again.json["target"]) == (0, "work --fallback")

    looked = run("connections", "switch", "work", "--dry-run", "--json")
    assert looked.code == 0
    assert "FAOS_SERVICE_ACCOUNT_ID" in looked.json["exports"][0]["diff"]
    assert MCP.read_bytes() == before
    assert {**shown(run), "fallback": None} == first

    switched = run("connections", "switch", "work", "--yes", "--json")
    assert switched.code == 0, switched.out + switched.err
    (export,) = switched.json["exports"]
    assert (export["changed"], export["proof"]["read_back"], export["proof"]["answered"]) == (
        *(True, True, True),
    )
    now = shown(run)
    assert (now["method"], now["fallback"]["method"]) == ("service_account", "api_token")
    entry = json.loads(MCP.read_text("utf-8"))["mcpServers"]["work"]["env"]
    assert "FAOS_SERVICE_ACCOUNT_ID" in entry
    assert "FAOS_API_TOKEN" not in entry

    back = run("connections", "switch", "work", "--yes", "--json")
    assert (back.code, back.json["exports"][0]["proof"]["answered"]) == (0, True)
    assert json.loads(MCP.read_bytes()) == json.loads(before)
    assert {**shown(run), "fallback": None} == first
    said = (done.out, switched.out, back.out, looked.out)
    for secret in (held["token"], held["service_account_secret"]):
        assert [p for p in where_found(secret, home, *said) if "/secrets/" not in p] == []


@pytest.mark.row("A14")
def test_the_doctor_names_the_fallback_where_the_credential_is_refused(
    run: Run, fleet: Practice, put: Put
) -> None:
    assert with_fallback(run, fleet, put).code == 0
    assert all(ONCE not in f["fix"] for f in run("doctor", "work", "--json").json["findings"])
    Path("own-token").write_text(secrets.token_urlsafe(36), "utf-8")
    found = run("doctor", "work", "--json")
    assert found.code == 1
    first, *others = found.json["findings"]
    assert first["fix"][-1] == ONCE
    assert all(ONCE not in f["fix"] for f in others)
    assert run("test", "work", "--json").json["finding"]["fix"][-1] == ONCE
    outcomes.remember("work --fallback", Outcome("broken", "", "refused", 1.0))
    assert ONCE not in run("doctor", "work", "--json").json["findings"][0]["fix"]


def test_where_the_server_is_gone_no_fallback_helps(run: Run, fleet: Practice, put: Put) -> None:
    assert with_fallback(run, fleet, put).code == 0
    held = connections.get("work")
    connections.save(replace(held, url="http://127.0.0.1:9"))
    found = run("doctor", "work", "--json").json["findings"]
    assert found
    assert all(ONCE not in f["fix"] for f in found)


@pytest.mark.row("A14")
def test_a_fallback_that_is_refused_is_not_kept(run: Run, fleet: Practice, put: Put) -> None:
    before = connections.path().read_bytes()
    done = with_fallback(run, fleet, put, secrets.token_urlsafe(36))
    assert (done.code, done.json["test"]["ok"], done.json["secrets"]) == (1, False, [])
    assert connections.path().read_bytes() == before
    assert run("test", "work", "--fallback", "--json").json["error"]["id"] == "no-fallback"
    assert run("connections", "switch", "work", "--yes", "--json").json["error"]["id"] == "no-fallback"


@pytest.mark.row("A14")
def test_a_fallback_that_is_refused_later_is_told(run: Run, fleet: Practice, put: Put) -> None:
    assert with_fallback(run, fleet, put).code == 0
    second = connections.get("work").fallback
    assert second is not None
    Path(second.secrets["token"].removeprefix("file:")).write_text(secrets.token_urlsafe(36), "utf-8")
    done = run("test", "work", "--fallback", "--json")
    assert done.code == 1
    last = shown(run)["fallback"]["tested"]
    assert (last["state"], last["cause"]) == ("broken", done.json["finding"]["cause"])
    assert run("test", "work", "--json").code == 0


def test_a_second_token_of_the_same_method_is_kept_apart(
    run: Run, fleet: Practice, put: Put, home: Path
) -> None:
    url = fleet.services["fleet"].url
    token = fleet.services["fleet"].credentials["token"]
    words = (*("setup", "fleet", "--environment", "practice", "--url", url), "--method", "bearer", "--yes")
    own = (*words, "--store", "file", "--name", "work")
    assert run(*own, "--secret", f"token={put(token)}").code == 0
    assert with_fallback(run, fleet, put).code == 0

    def places() -> tuple[str, str]:
        now = connections.get("work")
        assert now.fallback is not None
        return now.secrets["token"], now.fallback.secrets["token"]

    first, second = places()
    assert first != second
    assert run("connections", "switch", "work", "--yes").code == 0
    assert places() == (second, first)
    # set up anew, the method in force takes no place of the other one
    assert run(*own, "--secret", f"token={put(token)}").code == 0
    assert places() == (second, first)
    assert run("connections", "rename", "work", "job").code == 0
    moved = connections.get("job")
    assert moved.fallback is not None
    assert len({moved.secrets["token"], moved.fallback.secrets["token"], first, second}) == 4
    assert run("test", "job", "--fallback").code == 0
    kept = {f"file:{p}" for p in (home / ".local/share/authwizard/secrets").rglob("*") if p.is_file()}
    assert kept == {moved.secrets["token"], moved.fallback.secrets["token"]}


def test_another_fallback_in_its_place_leaves_no_secret_behind(
    run: Run, fleet: Practice, put: Put, home: Path
) -> None:
    assert with_fallback(run, fleet, put).code == 0
    token = fleet.services["fleet"].credentials["token"]
    words = ("setup", "fleet", "--name", "work", "--fallback", "--method", "bearer", "--yes")
    assert run(*words, "--secret", f"token={put(token)}").code == 0
    assert not list((home / ".local/share/authwizard/secrets").rglob("token*"))


@pytest.mark.slow
def test_an_entry_by_helper_stays_the_same_and_is_proven(run: Run, fleet: Practice, put: Put) -> None:
    assert run("export", "work", *EXPORT, "--secrets", "helper", "--yes").code == 0
    before = MCP.read_bytes()
    assert with_fallback(run, fleet, put).code == 0
    done = run("connections", "switch", "work", "--yes", "--json")
    assert done.code == 0, done.out
    (export,) = done.json["exports"]
    assert (export["changed"], export["proof"]["answered"]) == (False, True)
    assert MCP.read_bytes() == before


def test_an_entry_that_a_person_changed_is_left_and_named(run: Run, fleet: Practice, put: Put) -> None:
    assert run("export", "work", *EXPORT, "--secrets", "env", "--yes").code == 0
    assert with_fallback(run, fleet, put).code == 0
    document = json.loads(MCP.read_text("utf-8"))
    document["mcpServers"]["work"]["headers"]["X-Mine"] = "1"
    MCP.write_text(json.dumps(document), "utf-8")
    done = run("connections", "switch", "work", "--yes", "--json")
    assert (done.code, done.json["exports"]) == (1, [])
    assert [p["why"] for p in done.json["left"]] == ["it was changed since it was written, so it is yours"]
    assert json.loads(MCP.read_text("utf-8")) == document


@pytest.mark.row("A14")
def test_what_belongs_to_the_fallback_goes_and_moves_with_the_connection(
    run: Run, fleet: Practice, put: Put, home: Path
) -> None:
    assert with_fallback(run, fleet, put).code == 0
    assert run("connections", "rename", "work", "job", "--json").code == 0
    assert run("test", "job", "--fallback").code == 0
    assert set(outcomes.load()) == {"job --fallback"}
    gone = run("connections", "remove", "job", "--dry-run", "--json").json
    assert "token of the fallback" in [p["what"] for p in gone["removed"]]
    assert run("connections", "remove", "job", "--yes").code == 0
    assert not list((home / ".local/share/authwizard/secrets").rglob("token*"))
    assert outcomes.load() == {}


@pytest.mark.parametrize(
    ("words", "id"),
    [
        (("fleet", "--fallback"), "wrong-usage"),
        (("fleet", "--name", "work", "--fallback", "--client", "cursor"), "wrong-usage"),
        (("faos", "--name", "work", "--fallback"), "fallback-elsewhere"),
        (("fleet", "--name", "none", "--fallback"), "unknown-connection"),
        (("fleet", "--name", "work", "--fallback", "--url", "http://127.0.0.1:9"), "fallback-elsewhere"),
    ],
)
def test_what_cannot_be_a_fallback(
    run: Run, fleet: Practice, put: Put, words: tuple[str, ...], id: str
) -> None:
    before = connections.path().read_bytes()
    method = ("--method", "bearer", "--secret", f"token={put(secrets.token_urlsafe(36))}")
    done = run("setup", *words, *method, "--yes", "--json")
    assert (done.code, done.json["error"]["id"]) == (2, id)
    assert connections.path().read_bytes() == before


@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_a_switch_is_asked_first(run: Run, fleet: Practice, put: Put, answer: str) -> None:
    assert with_fallback(run, fleet, put).code == 0
    first = connections.get("work").secrets["token"]
    terminal = Terminal("connections", "switch", "work")
    terminal.until("Switch work? [y/N]")
    assert "worked when it was last tested" in terminal.text
    terminal.say(f"{answer}\n")
    assert terminal.end() == (0 if answer == "y" else 2)
    assert (connections.get("work").secrets["token"] == first) is (answer == "n")


def test_a_switch_with_nobody_to_ask_is_refused(run: Run, fleet: Practice, put: Put) -> None:
    assert with_fallback(run, fleet, put).code == 0
    before = connections.path().read_bytes()
    done = run("connections", "switch", "work", "--json")
    assert (done.code, done.json["error"]["id"]) == (2, "not-agreed")
    assert connections.path().read_bytes() == before
