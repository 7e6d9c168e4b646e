"""An entry that one real program wrote is imported, and exported to another one, which sends what the first would."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.judges import claude_code, codex, gemini, opencode
from support.judging import Arrived, Bench, Judge, installed, noting
from support.running import Run

from wizard import connections

NAME = "judged-1"
VARIABLE = "OF_THE_SHELL"


def _ran(words: list[str | Path], more: Mapping[str, str]) -> None:
    done = subprocess.run(
        [str(w) for w in words],
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _claude(url: str, token: str) -> None:
    header = f"Authorization: Bearer {token}"
    words = [installed("claude"), "mcp", "add", "-s", "user", "--transport", "http", NAME, url, "-H", header]
    _ran(words, claude_code.QUIET)


def _codex(url: str, token: str) -> None:  # it names the variable
    binary = codex.JUDGE.binary()
    _ran([binary, "mcp", "add", NAME, "--url", url, "--bearer-token-env-var", VARIABLE], {})


def _gemini(url: str, token: str) -> None:
    words = ["mcp", "add", "-s", "user", "-t", "http", "-H", f"X-API-Key: {token}", NAME, url]
    _ran([gemini.program(), *words], gemini.QUIET)


Add = Callable[[str, str], None]
WALKS = [
    pytest.param(
        _claude,
        "claude-code",
        opencode.JUDGE,
        "authorization",
        "Bearer ",
        marks=pytest.mark.real("claude", "opencode"),
        id="claude-opencode",
    ),
    pytest.param(
        _codex,
        "codex",
        claude_code.JUDGE,
        "authorization",
        "Bearer ",
        marks=pytest.mark.real("codex", "claude"),
        id="codex-claude",
    ),
    pytest.param(
        _gemini,
        "gemini",
        codex.JUDGE,
        "x-api-key",
        "",
        marks=pytest.mark.real("gemini", "codex"),
        id="gemini-codex",
    ),
]


@pytest.mark.row("U5", "G5")
@pytest.mark.parametrize(("add", "first", "judge", "header", "before"), WALKS)
def test_a_server_is_carried_from_one_program_to_another(
    home: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    add: Add,
    first: str,
    judge: Judge,
    header: str,
    before: str,
) -> None:
    token = f"t0{secrets.token_urlsafe(24)}"
    monkeypatch.setenv(VARIABLE, token)
    with noting() as (url, arrived):
        add(url, token)
        imported = run("import", f"{first}:{NAME}", "--yes", "--store", "file", "--json")
        assert imported.code == 0, imported.out
        [made] = imported.json["connections"]
        assert (made["name"], made["url"]) == (NAME, url)
        assert token not in imported.out + imported.err
        done = run("export", NAME, "--client", judge.client, "--secrets", "env", "--yes", "--json")
        assert done.json.get("changed"), done.out
        (reference,) = done.json["references"]
        arrived.clear()
        variables = {reference["var"]: token}
        says = judge.run(Bench(home, Path(done.json["path"]), False, variables, arrived))
        assert _all(arrived, header) == {f"{before}{token}"}, says.replace(token, "SECRET")
    assert connections.get(NAME).url == url


def _all(arrived: list[Arrived], header: str) -> set[str | None]:
    return {one.headers.get(header) for one in arrived}
