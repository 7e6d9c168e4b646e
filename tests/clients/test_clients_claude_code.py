"""Claude Code's files, read as it reads them."""

from __future__ import annotations

import json
import secrets
import shlex
import sys
from pathlib import Path

import pytest

from wizard import clients, export
from wizard.clients import programs
from wizard.entries import Reference, Remote, RemotePlan, Slot, Stdio, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

CLAUDE = clients.get("claude-code")
SLOT = Slot("token", "A_TOKEN")
REMOTE = RemotePlan("fleet", "https://example.test/mcp", {"Authorization": ("Bearer ", SLOT), "X-Id": ("7",)})
STDIO = StdioPlan("faos", ("faos-mcp",), {"FAOS_API_TOKEN": (SLOT,), "FAOS_API_URL": ("https://a.test",)})


def _file(servers: object) -> Path:
    path = Path(".mcp.json")
    path.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    return path


def test_an_unknown_client_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        clients.get("emacs")
    assert caught.value.id == "unknown-client"
    assert ", ".join(c.id for c in clients.every()) in caught.value.detail


def test_its_files_are_the_folders_and_the_persons(home: Path) -> None:
    assert CLAUDE.path(True) == home / "project" / ".mcp.json"
    assert CLAUDE.path(False) == home / ".claude.json"


def test_placeholders_are_named_with_what_became_of_them() -> None:
    env = {
        "A": "${SET}",
        "B": "${UNSET}",
        "C": "${UNSET:-sec}",
        "D": "${env:SET}",
        "E": "$SET",
        "F": "x$SETy",
    }
    path = _file({"s": {"command": "c", "args": ["{env:SET}"], "env": env}})
    entry, references = CLAUDE.effective(path, "s", {"SET": "v"})
    assert isinstance(entry, Stdio)
    shown = {name: value.reveal() for name, value in entry.env.items()}
    assert shown == {"A": "v", "B": "${UNSET}", "C": "sec", "D": "${env:SET}", "E": "$SET", "F": "x$SETy"}
    assert references == (
        Reference("args[0]", "{env:SET}", "literal"),
        Reference("env.A", "${SET}", "resolved", "SET"),
        Reference("env.B", "${UNSET}", "unset", "UNSET"),
        Reference("env.C", "${UNSET:-…}", "resolved", "UNSET"),
        Reference("env.D", "${env:SET}", "literal"),
        Reference("env.E", "$SET", "literal"),
    )


def test_reading_runs_no_helper_and_shows_no_foreign_helpers_arguments() -> None:
    token = secrets.token_urlsafe()
    server = {"type": "http", "url": "https://a.test", "headersHelper": f"touch ran; echo {token}"}
    entry, references = CLAUDE.effective(_file({"s": server}), "s", {})
    assert entry == Remote("https://a.test")
    assert references == (Reference("headersHelper", "touch …", "helper"),)
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("servers", "id", "says"),
    [
        ({"s": {"url": "https://a.test"}}, "client-entry-skipped", "without a `type`"),
        (
            {"s": {"type": "streamableHttp", "url": "https://a.test"}},
            "client-entry-skipped",
            "`streamableHttp`",
        ),
        ({"s": {"type": "http"}}, "client-entry-skipped", "no `url`"),
        ({"s": {"type": "stdio"}}, "client-entry-skipped", "no `command`"),
        ({"s": {"command": "c", "args": "a b"}}, "client-entry-skipped", "`args`"),
        ({"s": {"command": "c", "env": ["A=b"]}}, "client-entry-skipped", "`env`"),
        ({"s": {"type": ["http"], "url": "https://a.test"}}, "client-entry-skipped", "type"),
        ({"s": 3}, "client-entry-skipped", "not an object"),
        ([], "client-file-ignored", "`mcpServers` in it is not an object"),
    ],
)
def test_what_it_passes_over_is_said_as_such(servers: object, id: str, says: str) -> None:
    with pytest.raises(FileProblem, match=says) as caught:
        CLAUDE.effective(_file(servers), "s", {})
    assert caught.value.id == id
    assert caught.value.fix


def test_the_key_of_another_client_is_named() -> None:
    Path(".mcp.json").write_text('{"servers": {"s": {}}}', encoding="utf-8")
    with pytest.raises(FileProblem, match="`servers` where Claude Code wants `mcpServers`"):
        CLAUDE.servers(Path(".mcp.json"))


def test_an_absent_server_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        CLAUDE.effective(_file({"a": {}, "b": {}}), "s", {})
    assert caught.value.id == "unknown-server"
    assert "a, b" in caught.value.detail


@pytest.mark.parametrize("how", ["env", "inline"])
def test_a_dollar_in_a_secret_needs_the_helper(how: str) -> None:
    secret = Secret(f"{secrets.token_urlsafe()}${{HOME}}")
    for plan in (REMOTE, STDIO):
        with pytest.raises(UsageError, match=r"`\$`") as caught:
            export.prepare(
                plan, "c", "claude-code", project=True, path=None, how=how, secrets={"token": secret}
            )
        assert caught.value.exit_code == 2
        assert secret.reveal() not in str(caught.value.as_json())
    change = export.prepare(
        REMOTE, "c", "claude-code", project=True, path=None, how=None, secrets={"token": secret}
    )
    assert change.how == "helper"


@pytest.mark.parametrize("how", ["prompt", "file", "nonsense"])
def test_a_way_that_it_does_not_have_is_refused(how: str) -> None:
    with pytest.raises(UsageError, match="cannot do"):
        export.prepare(STDIO, "c", "claude-code", project=True, path=None, how=how, secrets={})
    assert not Path(".mcp.json").exists()


def test_a_name_that_it_does_not_take_is_refused() -> None:
    plan = RemotePlan("my fleet", "https://a.test")
    with pytest.raises(UsageError, match="my fleet"):
        export.prepare(plan, "c", "claude-code", project=True, path=None, how=None, secrets={})


def test_the_bare_name_is_used_where_the_path_leads_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin with space"
    folder.mkdir()
    script = folder / "authwizard"
    script.write_text("#!/bin/sh\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setenv("PATH", "/nowhere")
    assert programs.program() == (str(script),)
    assert shlex.split(programs.headers_command("a")) == [str(script), "headers", "a"]
    monkeypatch.setenv("PATH", str(folder))
    assert programs.program() == ("authwizard",)
    assert programs.posix_line("V", "a", "token") == 'export V="$(authwizard secret a token)"'
    assert programs.fish_line("V", "a", "token") == "set -gx V (authwizard secret a token | string collect)"
    assert programs.powershell_line("V", "a", "token") == "$env:V = (authwizard secret a token)"
    monkeypatch.setattr(sys, "argv", ["-m"])
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/nowhere")
    assert programs.program() == (str(script),)
    script.unlink()
    assert programs.program() == (sys.executable, "-m", "wizard")
