"""Connections are renamed and removed with everything that belongs to them, and nothing else is touched."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from support.keeping import where_found
from support.running import Run
from test_commands_terminal import Terminal

from sandbox.practice import Practice
from wizard import outcomes, removal, written
from wizard.outcomes import Outcome
from wizard.secret import Secret

MCP = Path(".mcp.json")


@pytest.fixture
def token(services: Practice, home: Path, monkeypatch: pytest.MonkeyPatch) -> Secret:
    """Fleet's practice token, in a variable; its store is the private file."""
    secret = services.services["fleet"].credentials["token"]
    monkeypatch.setenv("FLEET_TOKEN", secret.reveal())
    return secret


@pytest.fixture
def fleet(run: Run, token: Secret) -> None:
    done = run(
        *(
            "setup",
            "fleet",
            "--environment",
            "practice",
            "--method",
            "bearer",
            "--secret",
            "token=env:FLEET_TOKEN",
        ),
        *("--store", "file", "--client", "claude-code", "--project", "--name", "mine", "--yes", "--json"),
    )
    assert done.code == 0, done
    outcomes.remember("mine", Outcome("works", "", "3 tools", 1.0))


def entries() -> dict[str, Any]:
    return json.loads(MCP.read_text("utf-8"))["mcpServers"]


def test_all_that_belongs_to_it_goes(run: Run, fleet: None, token: Secret, home: Path) -> None:
    document = json.loads(MCP.read_text("utf-8"))
    document["mcpServers"]["foreign"] = {"command": "true"}
    MCP.write_text(json.dumps(document), "utf-8")
    shown = run("connections", "remove", "mine", "--dry-run", "--json").json
    assert {p["kind"] for p in shown["removed"]} == {"entry", "secret", "outcome"}
    assert set(entries()) == {"mine", "foreign"}
    done = run("connections", "remove", "mine", "--yes", "--json")
    assert (done.code, done.json["left"]) == (0, [])
    assert done.json["removed"] == shown["removed"]
    assert set(entries()) == {"foreign"}
    assert outcomes.load() == {}
    assert written.of("mine") == ()
    places = where_found(token, home, done.out)
    assert not [p for p in places if ".local/share" in p or ".config" in p]


@pytest.mark.parametrize("edit", ["replaced", "extended"])
def test_an_entry_that_a_person_changed_stays(run: Run, fleet: None, edit: str) -> None:
    own: dict[str, Any] = (
        {"command": "my-own-server"} if edit == "replaced" else {**entries()["mine"], "x": 1}
    )
    MCP.write_text(json.dumps({"mcpServers": {"mine": own}}), "utf-8")
    done = run("connections", "remove", "mine", "--yes", "--json").json
    assert [p["why"] for p in done["left"]] == ["it was changed since it was written, so it is yours"]
    assert entries() == {"mine": own}


def test_an_entry_of_the_same_name_that_we_never_wrote_stays(run: Run, fleet: None) -> None:
    foreign = {"servers": {"mine": {"type": "stdio", "command": "true"}}}
    Path(".vscode").mkdir()
    Path(".vscode/mcp.json").write_text(json.dumps(foreign), "utf-8")
    assert run("connections", "remove", "mine", "--yes").code == 0
    assert json.loads(Path(".vscode/mcp.json").read_text("utf-8")) == foreign


def test_a_file_that_does_not_parse_stays_and_is_named(run: Run, fleet: None) -> None:
    MCP.write_text('{"mcpServers": ', "utf-8")
    done = run("connections", "remove", "mine", "--yes", "--json")
    assert done.code == 0
    assert [p["kind"] for p in done.json["left"]] == ["entry"]
    assert MCP.read_text("utf-8") == '{"mcpServers": '
    assert run("connections", "--json").json["connections"] == []


def test_what_changed_elsewhere_in_the_file_since_the_look_is_kept(fleet: None) -> None:
    plan = removal.prepare("mine")
    MCP.write_text(json.dumps({**json.loads(MCP.read_text("utf-8")), "more": 1}), "utf-8")
    assert removal.carry_out(plan).stays == ()
    assert json.loads(MCP.read_text("utf-8")) == {"mcpServers": {}, "more": 1}


def test_an_entry_changed_since_the_look_stays(fleet: None) -> None:
    plan = removal.prepare("mine")
    changed = json.loads(MCP.read_text("utf-8"))
    changed["mcpServers"]["mine"]["timeout"] = 5
    MCP.write_text(json.dumps(changed), "utf-8")
    done = removal.carry_out(plan)
    assert [p.kind for p in done.stays] == ["entry"]
    assert "mine" in entries()


def test_the_clients_entries_can_be_kept(run: Run, fleet: None) -> None:
    done = run("connections", "remove", "mine", "--keep-clients", "--yes", "--json").json
    assert [p["why"] for p in done["left"]] == ["as you asked"]
    assert "mine" in entries()


def test_a_reference_of_the_persons_own_stays(run: Run, token: Secret) -> None:
    source = f"file:{Path('token').absolute()}"
    Path("token").write_text(token.reveal(), "utf-8")
    words = ("--method", "bearer", "--secret", f"token={source}", "--name", "mine", "--yes", "--json")
    assert run("setup", "fleet", "--environment", "practice", *words).code == 0
    done = run("connections", "remove", "mine", "--yes", "--json").json
    assert done["left"] == [
        {"kind": "secret", "what": "token", "where": source, "why": "it is kept in a place of your own"}
    ]
    assert Path("token").exists()


def test_a_new_name_reaches_the_clients(run: Run, fleet: None) -> None:
    done = run("connections", "rename", "mine", "yours", "--json").json
    assert [p["kind"] for p in done["renamed"]] == ["entry"]
    assert set(entries()) == {"yours"}
    assert "mine" not in MCP.read_text("utf-8")
    assert list(outcomes.load()) == ["yours"]
    assert run("test", "claude-code:yours", "--json").code == 0


def test_a_new_name_leaves_what_a_person_changed(run: Run, fleet: None) -> None:
    MCP.write_text(json.dumps({"mcpServers": {"mine": {"command": "true"}}}), "utf-8")
    done = run("connections", "rename", "mine", "yours", "--json").json
    assert [p["why"] for p in done["left"]] == ["it was changed since it was written"]
    assert entries() == {"mine": {"command": "true"}}


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
def test_on_a_terminal_it_is_asked_first(run: Run, fleet: None, answer: str, left: int) -> None:
    terminal = Terminal("connections", "remove", "mine")
    terminal.until("[y/N]")
    assert "goes: entry" in terminal.text
    terminal.say(f"{answer}\n")
    assert terminal.end() == (0 if answer == "y" else 2)
    assert len(run("connections", "--json").json["connections"]) == left


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"schema": 1, "outcomes": {"a": {"state": "odd"}}}', '{"schema": 9}']
)
def test_outcomes_that_cannot_be_read_are_none(home: Path, content: str) -> None:
    outcomes.path().parent.mkdir(parents=True)
    outcomes.path().write_text(content, "utf-8")
    assert outcomes.load() == {}
    outcomes.remember("a", Outcome("broken", secrets.token_hex(4), "it fails", 2.0))
    assert list(outcomes.load()) == ["a"]


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 1, "entries": [{"client": 1}]}', '{"schema": 2}'])
def test_records_that_cannot_be_read_are_none(home: Path, content: str) -> None:
    written.file().parent.mkdir(parents=True)
    written.file().write_text(content, "utf-8")
    assert written.of("mine") == ()
