"""The proof of a written entry: the bridge has time to be fetched, a failure says why, and a text is given bare."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.running import Put, Run

from diagnostics.mcp import McpError, open_session
from sandbox.practice import Practice
from wizard.clients import bridge
from wizard.entries import Stdio
from wizard.transport import Transport

_REFUSES = """#!/bin/sh
echo 'npm error code E404' >&2
echo "npm error 404 Not Found: mcp-remote of $TOLD" >&2
echo 'npm error A complete log of this run can be found in: /nowhere' >&2
exit 1
"""
_SLOW = f"""#!{sys.executable}
import json, sys, time
asked = json.loads(sys.stdin.readline())
time.sleep(0.4)
said = {{"protocolVersion": "2025-06-18", "capabilities": {{}}, "serverInfo": {{"name": "slow", "version": "1"}}}}
print(json.dumps({{"jsonrpc": "2.0", "id": asked["id"], "result": said}}), flush=True)
sys.stdin.read()
"""
_HALF_WAY = f"""#!{sys.executable}
import pathlib, sys
sys.stdin.read()
pathlib.Path("ended-by-itself").touch()
"""
_ENTRY = Stdio(("npx", "-y", bridge.PACKAGE, "http://127.0.0.1:9/mcp"))


def _npx(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "npx").write_text(text)
    (folder / "npx").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def _fleet(services: Practice, put: Put) -> list[str]:
    source = put(services.services["fleet"].credentials["token"])
    return [
        "setup",
        "fleet",
        "--environment",
        "practice",
        "--name",
        "mine",
        "--secret",
        f"token={source}",
        "--yes",
    ]


@pytest.mark.slow
@pytest.mark.row("F6")
def test_a_bridge_that_cannot_be_fetched_is_told_with_its_error_and_a_way_out(
    run: Run, services: Practice, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = services.services["fleet"].credentials["token"].reveal()
    monkeypatch.setenv("TOLD", token)
    _npx(_REFUSES, tmp_path / "bin", monkeypatch)
    assert run(*_fleet(services, put)).code == 0
    words = ["export", "mine", "--client", "cursor", "--project", "--secrets", "helper", "--yes"]
    done = run(*words, "--json")
    assert done.code == 1, done.out
    proof = done.json["proof"]
    assert (proof["read_back"], proof["answered"]) == (True, False)
    assert "npm error 404 Not Found: mcp-remote" in proof["why"]
    assert token not in done.out + done.err
    assert any("_npx" in step for step in proof["fix"])
    assert "npx fetches mcp-remote" in done.err
    plain = run(*words)
    assert "404 Not Found" in plain.out
    assert "green dot" not in plain.out
    both = run(*_fleet(services, put), "--client", "cursor", "--project", "--secrets", "helper")
    assert both.code == 1
    assert "404 Not Found" in both.out
    assert "Then type" not in both.out
    assert "green dot" not in both.out


async def test_the_first_answer_of_a_bridge_may_take_longer_than_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _npx(_SLOW, tmp_path / "bin", monkeypatch)
    async with Transport() as transport:
        async with open_session(_ENTRY, transport, timeout=0.05) as session:
            assert session.server_name == "slow"
        other = Stdio((str(tmp_path / "bin" / "npx"), "another-server"))
        with pytest.raises(McpError, match="does not answer"):
            async with open_session(other, transport, timeout=0.05):
                pass


async def test_a_bridge_that_is_being_fetched_is_asked_to_end_before_it_is_made_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _npx(_HALF_WAY, tmp_path / "bin", monkeypatch)
    monkeypatch.setattr("diagnostics.mcp.stdio._FETCH", 0.1)
    async with Transport() as transport:
        with pytest.raises(McpError, match="does not answer"):
            async with open_session(_ENTRY, transport, timeout=0.05):
                pass
    assert Path("ended-by-itself").exists()


@pytest.mark.row("F6")
def test_a_text_stands_alone_on_standard_output(run: Run, services: Practice, put: Put) -> None:
    assert run(*_fleet(services, put)).code == 0
    done = run("export", "mine", "--client", "curl", "--yes")
    assert done.code == 0, done.err
    assert done.out == run("export", "mine", "--client", "curl", "--yes", "--json").json["text"]
    assert done.out.startswith("#!/bin/sh\n")
    assert "Run the script" in done.err
    checked = subprocess.run(["sh", "-n"], input=done.out, text=True, check=False, timeout=10)
    assert checked.returncode == 0
    assert run("export", "mine", "--client", "curl", "--dry-run").out == done.out


@pytest.mark.row("F6")
def test_the_first_sentence_is_for_those_who_can_type_it_to_tools(
    run: Run, services: Practice, put: Put
) -> None:
    def setup(service: str, *more: str) -> str:
        source = put(services.services[service].credentials["token"])
        words = ["--environment", "practice", "--secret", f"token={source}", "--yes"]
        done = run("setup", service, *words, *more)
        assert done.code == 0, done.out
        return done.out

    assert "Then type: List FAOS tools" in setup("faos", "--client", "claude-code", "--project")
    for client in ("curl", "env"):
        assert "Then type:" not in setup("github", "--method", "classic", "--client", client)


@pytest.mark.row("F6")
@pytest.mark.parametrize("present", [None, 0o644])
def test_a_file_of_variables_is_for_its_owner_alone_whatever_it_holds(
    present: int | None, run: Run, services: Practice, put: Put
) -> None:
    place = Path(".env")
    if present is not None:
        place.write_text("A=1\n")
        place.chmod(present)
    assert run(*_fleet(services, put), "--client", "env", "--project", "--secrets", "env").code == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    judged = run("files", ".env", "--json")
    assert judged.json["findings"] == [], judged.out
