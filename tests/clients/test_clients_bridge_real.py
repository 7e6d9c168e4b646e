"""mcp-remote itself, started by the entries that Cursor and Claude Desktop would start: what the server was sent."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest

from commands.main import main
from wizard import clients
from wizard.entries import Stdio

pytestmark = pytest.mark.real("mcp-remote")

ROOT = Path(__file__).parents[2]
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """npx takes the package from the working folder, where it is installed: no registry is asked."""
    Path("node_modules").symlink_to(Path(os.environ["AUTHWIZARD_CI_MCP_REMOTE"]) / "node_modules")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("npm_config_offline", "true")


def initialized(entry: Stdio) -> dict[str, Any]:
    """Start the entry as its client does, say hello, and give the answer."""
    process = subprocess.Popen(
        entry.command,
        env={**os.environ, **{name: value.reveal() for name, value in entry.env.items()}},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(HELLO) + "\n")
        process.stdin.flush()
        return dict(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(10)
        process.stdin.close()
        process.stdout.close()


@pytest.mark.parametrize(
    ("client", "how"), [("cursor", "helper"), ("claude-desktop", "helper"), ("claude-desktop", "inline")]
)
def test_the_written_entry_sends_the_right_headers(
    client: str,
    how: str,
    logging_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token, key = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    monkeypatch.setenv("MY_TOKEN", f"Two Words {token}")
    monkeypatch.setenv("MY_KEY", key)
    code = main(
        [
            *("setup", "mcp", "--url", logging_server.url, "--name", "logged", "--method", "api_key_header"),
            *("--secret", "header.Authorization=env:MY_TOKEN", "--secret", "header.X-Key=env:MY_KEY"),
            *("--client", client, "--secrets", how, "--path", "client.json", "--yes", "--json"),
        ]
    )
    answer = json.loads(capsys.readouterr().out)
    assert code == 0, json.dumps(answer, indent=1)
    (export,) = answer["exports"]
    assert export["proof"] == {
        "read_back": True,
        "answered": True,
        "after": "restart",
    }
    logging_server.seen.clear()
    entry, _ = clients.get(client).effective(Path("client.json"), "logged", {})
    assert isinstance(entry, Stdio)
    assert "serverInfo" in initialized(entry)["result"]
    assert logging_server.seen
    for headers in logging_server.seen:
        assert headers["authorization"] == f"Two Words {token}"
        assert headers["x-key"] == key
    written = Path("client.json").read_text(encoding="utf-8")
    assert (token in written) == (how == "inline")
    assert token not in json.dumps(answer)
    assert token not in " ".join(entry.command)
