"""Entries as their clients have them: which one wins, what it starts, with which variables, and by whose leave."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers.recorder import recording
from support.running import Run

from diagnostics import client_policies
from sandbox.practice import Practice

pytestmark = pytest.mark.slow


def put(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    path.chmod(0o600)
    return path


def http(url: str, token: str) -> dict[str, object]:
    return {"type": "http", "url": url, "headers": {"Authorization": f"Bearer {token}"}}


def fleet(services: Practice) -> tuple[str, str]:
    site = services.services["fleet"]
    return site.url, site.credentials["token"].reveal()


def test_the_local_scope_goes_before_project_and_user(run: Run, home: Path, services: Practice) -> None:
    url, token = fleet(services)
    local = {str(Path.cwd()): {"mcpServers": {"faos": http(url, token)}}}
    own = put(
        home / ".claude.json", {"projects": local, "mcpServers": {"faos": http(url, secrets.token_hex(16))}}
    )
    project = put(Path(".mcp.json").absolute(), {"mcpServers": {"faos": http(url, secrets.token_hex(16))}})
    done = run("doctor", "claude-code:faos", "--json")
    assert (done.code, done.json["verdict"]) == (0, "healthy"), done.out
    assert [t["target"] for t in run("doctor", "claude-code:", "--json").json["targets"]] == [
        "claude-code:faos"
    ]
    (competing,) = done.json["competing"]
    assert competing["wins"] == {"where": str(own), "scope": "local"}
    assert [(h["where"], h["scope"]) for h in competing["hides"]] == [
        (str(project), "project"),
        (str(own), "user"),
    ]
    assert competing["hides"][0]["differs"] == ["another Authorization"]


def test_a_hidden_entry_is_asked_only_where_the_winner_is_refused(
    run: Run, home: Path, services: Practice
) -> None:
    url, token = fleet(services)
    with recording(lambda _: True, path="/mcp") as other:
        put(home / ".claude.json", {"mcpServers": {"x": http(other.url, token)}})
        put(Path(".mcp.json"), {"mcpServers": {"x": http(url, token)}})
        done = run("doctor", "claude-code:x", "--json")
        assert (done.code, other.arrived) == (0, [])
        assert done.json["competing"][0]["hides"][0]["differs"] == [f"the address {other.url}"]
        put(Path(".mcp.json"), {"mcpServers": {"x": http(url, secrets.token_hex(16))}})
        run("doctor", "claude-code:x", "--json")
        assert other.arrived


def test_the_command_is_looked_for_where_the_running_client_looks(run: Run, home: Path) -> None:
    tool = home / ".local/bin/my-mcp"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    put(Path(".cursor/mcp.json"), {"mcpServers": {"mine": {"command": "my-mcp"}}})
    os.environ["PATH"] += f":{tool.parent}"
    try:
        assert "stdio-command-not-found" not in run("doctor", "cursor:mine", "--json").causes
        with running(home, {"PATH": "/usr/bin:/bin", "HOME": str(home)}):
            done = run("doctor", "cursor:mine", "--json")
    finally:
        os.environ["PATH"] = os.environ["PATH"].removesuffix(f":{tool.parent}")
    assert done.causes == ["stdio-command-not-found"], done.out
    assert str(tool) in done.json["findings"][0]["fix"][0]


def test_a_client_that_has_the_variable_is_well(
    run: Run, home: Path, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, token = fleet(services)
    monkeypatch.setenv("MINE", token)
    entry = {"url": url, "headers": {"Authorization": "Bearer ${env:MINE}"}}
    put(Path(".cursor/mcp.json"), {"mcpServers": {"mine": entry}})
    with running(home, {"PATH": "/usr/bin:/bin", "HOME": str(home), "MINE": token}):
        done = run("doctor", "cursor:mine", "--json")
    assert (done.code, done.causes, done.warnings) == (0, [], []), done.out
    with running(home, {"PATH": "/usr/bin:/bin", "HOME": str(home)}):
        done = run("doctor", "cursor:mine", "--json")
    assert done.causes == ["gui-app-does-not-inherit-shell-env"], done.out
    assert token not in done.out


def test_what_a_start_up_file_alone_sets_is_said_of_a_client_that_runs_not(
    run: Run, home: Path, services: Practice
) -> None:
    url, _ = fleet(services)
    (home / ".bashrc").write_text("export MINE=$(pass mine)\n")
    entry = {"url": url, "headers": {"Authorization": "Bearer ${env:MINE}"}}
    put(Path(".cursor/mcp.json"), {"mcpServers": {"mine": entry}})
    done = run("doctor", "cursor:mine", "--json")
    found = {f["cause"]: f["certainty"] for f in done.json["findings"]}
    assert found.get("gui-app-does-not-inherit-shell-env") == "likely", done.out
    (home / ".profile").write_text("MINE=x; export MINE\nexport MINE=x\n")
    done = run("doctor", "cursor:mine", "--json")
    assert done.causes == ["unexpanded-variable-literal"], done.out


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"allowedMcpServers": []}, "allowedMcpServers does not name mine"),
        ({"allowedMcpServers": [{"serverName": "mine"}, {"serverUrl": "https://*"}]}, "allowedMcpServers"),
        ({"deniedMcpServers": [{"serverName": "mine"}]}, "deniedMcpServers names it"),
        ({"disabledMcpjsonServers": ["mine"]}, "disabledMcpjsonServers names mine"),
        ({"allowedMcpServers": [{"serverName": "mine"}]}, ""),
        ({"allowedMcpServers": [{"serverUrl": "http://*"}]}, ""),
        ({"deniedMcpServers": [{"serverUrl": "https://*"}, {"serverCommand": ["npx"]}, 3]}, ""),
    ],
)
@pytest.mark.parametrize("admin", [True, False])
def test_the_rules_of_claude_code(
    run: Run, home: Path, services: Practice, monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, object],
    says: str, admin: bool,
) -> None:  # fmt: skip
    folder = home / "etc"
    monkeypatch.setattr(client_policies, "_ADMIN", {sys.platform: folder, "linux": folder})
    url, token = fleet(services)
    put(Path(".mcp.json"), {"mcpServers": {"mine": http(url, token)}})
    put(folder / "managed-settings.json" if admin else home / ".claude/settings.json", settings)
    done = run("doctor", "claude-code:mine", "--json")
    if not says:
        assert (done.code, done.causes) == (0, []), done.out
        return
    finding = done.json["findings"][0]
    assert finding["cause"] == "client-side-policy-blocks-server"
    assert says in finding["title"]
    assert finding["owner"] == ("server-admin" if admin else "you")


def test_a_managed_list_of_servers_shuts_out_all_others(
    run: Run, home: Path, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_policies, "_ADMIN", {sys.platform: home / "etc", "linux": home / "etc"})
    url, token = fleet(services)
    put(Path(".mcp.json"), {"mcpServers": {"mine": http(url, token)}})
    put(home / "etc/managed-mcp.json", {"mcpServers": {"theirs": {}}})
    done = run("doctor", "claude-code:mine", "--json")
    assert done.causes == ["client-side-policy-blocks-server"], done.out
    (home / "etc/managed-mcp.json").write_text("{ no json")
    assert run("doctor", "claude-code:mine", "--json").causes == []


def test_a_command_is_started_only_after_a_yes(run: Run, home: Path) -> None:
    mark = home / "started"
    words = ["-c", f"import pathlib; pathlib.Path({str(mark)!r}).touch()"]
    put(Path(".mcp.json"), {"mcpServers": {"mine": {"command": sys.executable, "args": words}}})
    done = run("doctor", "claude-code:mine", "--json")
    assert not mark.exists()
    assert any("needs your yes: --start" in n["needs"] for n in done.json["not_examined"])
    done = run("doctor", "claude-code:mine", "--start", "--json")
    assert mark.exists()
    assert done.causes == ["stdio-server-does-not-answer"], done.out


@contextmanager
def running(home: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A process called cursor."""
    program = home / "bin/cursor"
    program.parent.mkdir(exist_ok=True)
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    process = subprocess.Popen([str(program), "600"], env=dict(environment))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_the_file_in_which_the_program_keeps_its_login_is_looked_at(
    run: Run, home: Path, services: Practice
) -> None:
    login = put(
        home / ".faos/auth_cache.json", {"domain": "acme.example", "access_token": secrets.token_hex(20)}
    )
    login.chmod(0o644)
    env = {
        "FAOS_API_URL": services.services["faos"].url,
        "FAOS_AUTH_METHOD": "sso",
        "FAOS_SSO_DOMAIN": "acme.example",
    }
    entry = {"command": sys.executable, "args": ["-m", "sandbox.faos_mcp"], "env": env}
    put(Path(".mcp.json"), {"mcpServers": {"faos": entry}})
    done = run("doctor", "claude-code:faos", "--json")
    assert "token-file-too-permissive" in done.warnings, done.out
    login.chmod(0o600)
    assert "token-file-too-permissive" not in run("doctor", "claude-code:faos", "--json").warnings


def test_a_variable_of_the_entrys_own_env_file_is_there(run: Run, home: Path, services: Practice) -> None:
    url, token = fleet(services)
    Path("mine.env").write_text(f"# mine\nAUTH='Bearer {token}'\n")
    Path("mine.env").chmod(0o600)
    words = ["-y", "mcp-remote", url, "--header", "Authorization:${AUTH}"]
    entry = {"command": sys.executable, "args": words, "envFile": "${workspaceFolder}/mine.env"}
    put(Path(".cursor/mcp.json"), {"mcpServers": {"mine": entry}})
    done = run("doctor", "cursor:mine", "--json")
    assert (done.code, done.causes) == (0, []), done.out
    assert token not in done.out
    Path("mine.env").unlink()
    assert run("doctor", "cursor:mine", "--json").causes == ["unexpanded-variable-literal"]
