"""The passphrase that opens the store of every secret is handed to no program that we start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.mcp import open_session
from wizard import browsing, children
from wizard.entries import Stdio
from wizard.secret import Secret
from wizard.transport import Transport
from wizard.vault.programs import read_command

NAME = "AUTHWIZARD_PASSPHRASE"
TELLS = "import os, sys; open(sys.argv[1], 'w').write(repr(sorted(os.environ)))"
SERVER = """
import json, os, sys
open(sys.argv[1], 'w').write(repr(sorted(os.environ)))
for line in sys.stdin:
    asked = json.loads(line)
    if 'id' in asked:
        said = {'protocolVersion': '2025-06-18', 'capabilities': {}, 'serverInfo': {'name': 's', 'version': '1'}}
        print(json.dumps({'jsonrpc': '2.0', 'id': asked['id'], 'result': said}), flush=True)
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a child writes the names of its variables."""
    monkeypatch.setenv(NAME, "open sesame")
    monkeypatch.setenv("ANOTHER", "stays")
    return tmp_path / "told"


def names(told: Path) -> str:
    text = told.read_text()
    assert "'ANOTHER'" in text
    return text


async def test_not_to_a_stdio_server(told: Path) -> None:
    entry = Stdio((sys.executable, "-c", SERVER, str(told)), {"MINE": Secret("x")})
    async with Transport(timeout=20) as transport, open_session(entry, transport, timeout=20):
        pass
    assert NAME not in names(told)
    assert "'MINE'" in names(told)


def test_not_to_a_command_that_yields_a_secret(told: Path) -> None:
    script = told.with_name("script.py")
    script.write_text(f"{TELLS}\nprint('secret')")
    assert read_command(f"{sys.executable} {script} {told}").reveal() == "secret"
    assert NAME not in names(told)


@pytest.mark.skipif(os.name == "nt", reason="BROWSER is a POSIX custom")
def test_not_to_a_browser(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = told.with_name("browser.py")
    script.write_text(TELLS)
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} {told}")
    assert browsing.open_page("http://127.0.0.1/")
    assert NAME not in names(told)


def test_not_to_what_exec_becomes(told: Path, home: Path) -> None:
    from wizard import connections
    from wizard.connections import Connection

    fields = {"service": "fleet", "environment": "own", "method": "bearer", "url": "http://127.0.0.1:9/"}
    os.environ["A_TOKEN"] = "x" * 30
    connections.save(Connection(name="it", secrets={"token": "env:A_TOKEN"}, **fields))  # type: ignore[arg-type]  # all texts
    command = [sys.executable, "-m", "wizard", "exec", "it", "--", sys.executable, "-c", TELLS, str(told)]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": root}, cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert NAME not in names(told)


def test_a_child_for_which_it_was_written_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "ours")
    assert NAME not in children.environment()
    assert children.environment({NAME: "theirs"})[NAME] == "theirs"
    assert json.dumps(children.environment({"X": "y"}))
