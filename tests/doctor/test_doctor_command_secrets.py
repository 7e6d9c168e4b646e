"""A secret among the words of an entry's command, which the command says back: nothing that is shown or kept has it."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from support.running import Run


@pytest.mark.parametrize(
    "args",
    [
        ["-c", "echo error: $0 $@ >&2; exit 3", "--api-key", "{}"],
        ["-c", "echo error: --api-key={} is wrong >&2; exit 3"],
        ["-c", "echo what is no message: $1; exit 3", "x", "postgres://u:{}@h/db"],
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",), ("--markdown",), ("--save", "case.json")])
def test_a_secret_of_the_command_is_never_told(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], form: tuple[str, ...]
) -> None:
    monkeypatch.chdir(home)
    value = f"zz9-plural-z-{secrets.token_hex(5)}"
    entry = {"command": "sh", "args": [word.replace("{}", value) for word in args]}
    (home / ".cursor").mkdir(exist_ok=True)
    (home / ".cursor/mcp.json").write_text(json.dumps({"mcpServers": {"mine": entry}}))
    done = run("doctor", "cursor:mine", "--start", "--timeout", "5", *form)
    kept = [p.read_text() for p in home.rglob("*") if p.is_file() and p.parent.name != ".cursor"]
    said = "\n".join([done.out, done.err, *kept])
    assert "error: " in said or "no message" in said
    assert value not in said
    assert value[:14] not in said
