"""An entry that starts its program through ``authwizard exec``: what the file says is looked at, not what it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.running import Put, Run

from sandbox.practice import Practice

Change = Callable[[list[str]], list[str]]


def without_program(words: list[str]) -> list[str]:
    at = words.index("--") + 1
    return [*words[:at], f"{words[at]}n", *words[at + 1 :]]


def without_module(words: list[str]) -> list[str]:
    return [*words[:-1], f"{words[-1]}n"]


def without_dashes(words: list[str]) -> list[str]:
    return [word for word in words if word != "--"]


@pytest.mark.row("F8")
def test_what_the_line_starts_is_looked_at(run: Run, services: Practice, put: Put) -> None:
    token = put(services.services["faos"].credentials["token"])
    done = run(
        *("setup", "faos", "--environment", "practice", "--secret", f"token={token}", "--yes", "--json"),
        *("--client", "claude-code", "--project", "--secrets", "helper", "--name", "mine"),
    )
    assert done.code == 0, done.out + done.err
    assert done.json["exports"][0]["proof"]["answered"]
    path = Path(".mcp.json")
    whole = json.loads(path.read_text())
    entry = whole["mcpServers"]["mine"]
    assert "exec" in entry["args"]
    good = entry["args"]
    assert run("doctor", "claude-code:mine", "--start", "--json").json["verdict"] == "healthy"
    found = {}
    for change, words in (
        (without_program, ()),
        (without_module, ("--start",)),
        (without_dashes, ("--start",)),
    ):
        entry["args"] = change(good)
        path.write_text(json.dumps(whole))
        sick = run("doctor", "claude-code:mine", *words, "--json")
        found[change.__name__] = (sick.code, sick.causes[:1])
    assert found == {
        "without_program": (1, ["stdio-command-not-found"]),
        "without_module": (1, ["stdio-server-does-not-answer"]),
        "without_dashes": (1, ["stdio-server-does-not-answer"]),
    }
