"""What authwizard itself wrote into a client's config is not condemned by its own doctor."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from servers.recorder import recording
from support.running import Put, Run

from diagnostics.causes import book
from sandbox.practice import Practice

pytestmark = pytest.mark.slow

_NO_FAULT = {"unexpanded-variable-literal", "authorization-header-missing"}
_PLACES = {"vscode": ".vscode/mcp.json", "cursor": ".cursor/mcp.json", "claude-code": ".mcp.json"}


def _written(run: Run, put: Put, services: Practice, client: str, *more: str) -> None:
    """A connection to the practice Fleet, and its entry; the proof of the entry is not what is looked at here."""
    source = put(services.services["fleet"].credentials["token"])
    words = ["--environment", "practice", "--name", "mine", "--secret", f"token={source}", "--yes", "--json"]
    assert run("setup", "fleet", *words).code == 0
    run("export", "mine", "--client", client, "--project", *more, "--yes", "--json")
    assert "mine" in Path(_PLACES[client]).read_text()


def test_what_vs_code_asks_for_is_taken_from_our_connection(run: Run, services: Practice, put: Put) -> None:
    _written(run, put, services, "vscode", "--secrets", "prompt")
    assert "${input:" in Path(".vscode/mcp.json").read_text()
    done = run("doctor", "vscode:mine", "--json")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert not _NO_FAULT & set(done.warnings)
    assert run("test", "vscode:mine", "--json").json["ok"] is True


def test_what_vs_code_asks_for_a_program_is_taken_from_our_connection(
    run: Run, services: Practice, put: Put
) -> None:
    source = put(services.services["faos"].credentials["token"])
    words = ["--environment", "practice", "--name", "mine", "--secret", f"token={source}", "--yes", "--json"]
    words += ["--client", "vscode", "--project", "--secrets", "prompt"]
    assert run("setup", "faos", *words).code == 0
    done = run("doctor", "vscode:mine", "--json")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert run("test", "vscode:mine", "--json").json["ok"] is True
    place = Path(".vscode/mcp.json")
    document = json.loads(place.read_text())
    document["servers"]["mine"]["command"] = "another"
    place.write_text(json.dumps(document))
    # another program is not given the secret
    assert run("test", "vscode:mine", "--json").json["error"]["id"] == "value-asked"


def test_our_prompt_gives_the_secret_to_no_other_origin(run: Run, services: Practice, put: Put) -> None:
    _written(run, put, services, "vscode", "--secrets", "prompt")
    place = Path(".vscode/mcp.json")
    token = services.services["fleet"].credentials["token"].reveal()
    with recording(lambda _: False, path="/mcp") as other:
        document = json.loads(place.read_text())
        document["servers"]["mine"]["url"] = other.url
        place.write_text(json.dumps(document))
        done = run("doctor", "vscode:mine", "--json")
    assert other.arrived
    assert all(token not in str(a.headers) and "${input" not in str(a.headers) for a in other.arrived)
    assert done.json["not_examined"][0]["cause"] == "the credential"


def test_of_another_prompt_the_value_cannot_be_known(run: Run, services: Practice) -> None:
    url = services.services["fleet"].url
    sent = {"Authorization": "Bearer ${input:theirs}"}
    Path(".vscode").mkdir()
    inputs = [{"type": "promptString", "id": "theirs", "description": "a token"}]
    entry = {"type": "http", "url": url, "headers": sent}
    Path(".vscode/mcp.json").write_text(json.dumps({"inputs": inputs, "servers": {"theirs": entry}}))
    done = run("doctor", "vscode:theirs", "--json")
    assert done.json["findings"] == []
    assert not _NO_FAULT & set(done.warnings)
    assert "will ask you for it" in done.json["not_examined"][0]["needs"]
    tested = run("test", "vscode:theirs", "--json")
    assert tested.code == 1
    assert tested.json["error"]["id"] == "value-asked"


@pytest.mark.skipif(shutil.which("npx") is None, reason="the bridge needs npx to be written")
@pytest.mark.parametrize("client", ["cursor", "vscode"])
def test_what_exec_and_the_bridge_fill_in_is_no_fault(
    client: str, run: Run, services: Practice, put: Put, bridge_never_runs: None
) -> None:
    _written(run, put, services, client, "--secrets", "helper")
    assert "${AUTHWIZARD_" in Path(_PLACES[client]).read_text()
    done = run("doctor", f"{client}:mine", "--json")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert not _NO_FAULT & set(done.warnings)


def test_a_variable_that_the_entry_itself_gives_the_bridge_is_no_fault(run: Run, services: Practice) -> None:
    fleet = services.services["fleet"]
    words = ["-y", "mcp-remote", fleet.url, "--header", "Authorization:${AUTH}"]
    env = {"AUTH": f"Bearer {fleet.credentials['token'].reveal()}"}
    Path(".cursor").mkdir()
    entry = {"command": "npx", "args": words, "env": env}
    Path(".cursor/mcp.json").write_text(json.dumps({"mcpServers": {"mine": entry}}))
    done = run("doctor", "cursor:mine", "--json")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert not _NO_FAULT & set(done.warnings)


_GONE = {
    "cursor": {
        "command": "authwizard",
        "args": [
            *("exec", "cc1", "--", "npx", "-y", "mcp-remote@0.15.1", "URL"),
            *("--header", "Authorization:${AUTHWIZARD_AUTHORIZATION}"),
        ],
    },
    "claude-code": {"type": "http", "url": "URL", "headersHelper": "authwizard headers cc1"},
}


def _gone(client: str, services: Practice) -> None:
    url = services.services["fleet"].url
    entry = json.dumps({"mcpServers": {"cc1": _GONE[client]}}).replace('"URL"', json.dumps(url))
    Path(_PLACES[client]).parent.mkdir(exist_ok=True)
    Path(_PLACES[client]).write_text(entry)


@pytest.mark.parametrize("client", _GONE)
def test_an_entry_whose_connection_is_gone_says_so(
    client: str, run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    _gone(client, services)
    one, every = run("doctor", f"{client}:cc1", "--json"), run("doctor", f"{client}:", "--json")
    for found in (one.json, every.json["targets"][0]):
        first = found["findings"][0]
        assert (found["verdict"], first["cause"]) == ("broken", "connection-of-entry-gone"), found
        assert (first["certainty"], first["owner"]) == ("proven", "you")
        assert "`cc1`" in first["title"]
        assert "authwizard setup" in first["fix"][0]
    monkeypatch.delitem(book.REGISTRY, "connection-of-entry-gone")
    assert "connection-of-entry-gone" not in run("doctor", f"{client}:cc1", "--json").out


def test_nothing_is_said_of_a_connection_that_is_there(run: Run, services: Practice, put: Put) -> None:
    _written(run, put, services, "claude-code", "--secrets", "helper")
    done = run("doctor", "claude-code:mine", "--json")
    assert done.json["verdict"] == "healthy", done.out
    assert "connection-of-entry-gone" in done.json["ruled_out"]


@pytest.fixture
def bridge_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An `npx` that ends at once: what it would fetch is not what is looked at."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "npx").write_text("#!/bin/sh\nexit 1\n")
    (folder / "npx").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
