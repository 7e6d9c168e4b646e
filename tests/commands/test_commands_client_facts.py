"""What the shell tells of clients: what each can do, its own command, and the entry where a file refuses it."""

from __future__ import annotations

import json
import secrets
import shlex
from pathlib import Path

import pytest
from support.running import Run

from wizard import connections
from wizard.clients import every, telling
from wizard.connections import Connection
from wizard.secret import Secret

TOKEN = secrets.token_urlsafe(24)


@pytest.fixture
def mine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A connection whose token is kept in a variable."""
    monkeypatch.setenv("MINE_TOKEN", TOKEN)
    connection = Connection(
        "mine", "mcp", "own", "https://example.com/mcp", "bearer", secrets={"token": "env:MINE_TOKEN"}
    )
    connections.save(connection)
    return connection


@pytest.mark.row("L2")
def test_clients_say_what_each_can_and_cannot_do(run: Run, home: Path) -> None:
    told = {c["id"]: c for c in run("clients", "--json").json["clients"]}
    assert set(told) == {c.id for c in every()}
    for client in every():
        one = told[client.id]
        assert {"id", "title", "found", "project_path", "path"} <= set(one)
        assert one["judged"] in telling.JUDGED
        assert one["logs_in"] is bool(client.logs_in)
        assert one["ways"].keys() == {"remote", "stdio"}
        assert all(way in telling.WAYS for ways in one["ways"].values() for way in ways)
        assert [(c["what"], c["instead"]) for c in one["cannot"]] == list(client.cannot)
        assert all(one["holds"][k] in (*telling.HOLDS, None) for k in ("project", "own"))
    assert told["claude-code"]["holds"] == {"project": "approve", "own": "now"}


@pytest.mark.row("L2")
def test_clients_say_it_in_words_as_well(run: Run, home: Path) -> None:
    text = run("clients").out
    for client in every():
        assert f"{client.id}  {client.title}, " in text
        assert telling.JUDGED[client.judge] in text
        assert all(instead in text for _, instead in client.cannot)


@pytest.mark.row("L2", "G5")
@pytest.mark.parametrize("project", [True, False])
def test_an_export_names_the_programs_own_command(run: Run, mine: Connection, project: bool) -> None:
    words = ["export", "mine", "--client", "claude-code", "--dry-run", *(["--project"] if project else [])]
    told = run(*words, "--json")
    typed = shlex.split(told.json["command"])
    scope = "project" if project else "user"
    assert typed[:6] == ["claude", "mcp", "add-json", "-s", scope, "mine"]
    assert json.loads(typed[6])["url"] == "https://example.com/mcp"
    assert told.json["command"] in run(*words).out
    assert TOKEN not in told.out


def test_no_command_where_a_secret_would_stand_in_it_or_the_file_is_another(
    run: Run, mine: Connection, tmp_path: Path
) -> None:
    words = ["export", "mine", "--client", "claude-code", "--dry-run", "--json"]
    assert run(*words, "--secrets", "inline").json["command"] is None
    assert run(*words, "--path", str(tmp_path / "other.json")).json["command"] is None
    assert run("export", "mine", "--client", "cursor", "--dry-run", "--json").json["command"] is None


@pytest.mark.row("G5")
@pytest.mark.parametrize(
    ("client", "file", "holds", "key"),
    [
        ("claude-code", ".mcp.json", '{"mcpServers": [1]}', "mcpServers"),
        ("claude-code", ".mcp.json", '{"mcpServers": {} // mine\n}', "mcpServers"),
        ("claude-code", ".mcp.json", '{"mcpServers": ', "mcpServers"),
        ("cursor", ".cursor/mcp.json", "[]", "mcpServers"),
        ("vscode", ".vscode/mcp.json", '{"servers": 3}', "servers"),
    ],
)
@pytest.mark.parametrize("how", [None, pytest.param("inline", marks=pytest.mark.slow)])
def test_a_file_that_refuses_is_answered_with_the_entry_to_put_in(
    run: Run, mine: Connection, client: str, file: str, holds: str, key: str, how: str | None
) -> None:
    path = Path(file)
    path.parent.mkdir(exist_ok=True)
    path.write_text(holds, "utf-8")
    words = ["export", "mine", "--client", client, "--project", "--yes"]
    words += ["--secrets", how] if how else []
    told = run(*words, "--json")
    assert told.code == 1
    assert told.json["error"]["id"].startswith("file-")
    assert json.loads(told.json["error"]["snippet"])[key]["mine"]["url"] == "https://example.com/mcp"
    plain = run(*words)
    assert '"mine": {' in plain.err
    assert all(TOKEN not in text for text in (told.out, told.err, plain.out, plain.err))
    assert path.read_text("utf-8") == holds


def test_a_failure_of_another_kind_has_no_entry(run: Run, mine: Connection) -> None:
    Path(".mcp.json").mkdir()
    told = run("export", "mine", "--client", "claude-code", "--project", "--yes", "--json")
    assert told.code == 1
    assert "snippet" not in told.json["error"]


def test_nothing_of_the_old_entry_is_in_what_is_to_be_put_in(run: Run, mine: Connection) -> None:
    other = Secret(secrets.token_urlsafe(24))
    Path(".mcp.json").write_text(f'{{"mcpServers": ["{other.reveal()}"]}}', "utf-8")
    told = run("export", "mine", "--client", "claude-code", "--project", "--yes", "--json")
    assert other.reveal() not in told.out + told.err
