"""mcp-remote itself logs in at a real provider: its login is listed by its address, cleared, and asked for again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from servers.protected import Protected
from support import login_browser
from support.running import Run

pytestmark = pytest.mark.real("mcp-remote", "npm")

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


def _connected(url: str) -> tuple[dict[str, Any], int]:
    """The server's answer by way of the bridge, and how many logins that took: the address that it prints is opened by
    a browser that logs in."""
    environ = {**os.environ, "BROWSER": "true", "npm_config_offline": "true"}
    process = subprocess.Popen(
        ["npx", "-y", "mcp-remote@0.15.1", url, "--transport", "http-only"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout and process.stderr
    logins = 0
    try:
        process.stdin.write(json.dumps(HELLO) + "\n")
        process.stdin.flush()
        for line in process.stderr:
            address = line.strip()
            if address.startswith("http") and "code_challenge=" in address:
                logins += 1
                browser = [sys.executable, login_browser.__file__, address]
                who = {"LOGIN_USERNAME": "alice", "LOGIN_PASSWORD": "any"}
                subprocess.run(browser, env={**os.environ, **who}, timeout=60, check=True)
            if "Proxy established" in line or "Connected to remote server" in line:
                break
        return dict(json.loads(process.stdout.readline())), logins
    finally:
        process.terminate()
        process.wait(10)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


@pytest.mark.row("U5")
def test_a_login_of_the_bridge(oidc_protected: Protected, home: Path, run: Run) -> None:
    Path("node_modules").symlink_to(Path(os.environ["AUTHWIZARD_CI_MCP_REMOTE"]) / "node_modules")
    url = oidc_protected.url
    entry = {"command": "npx", "args": ["-y", "mcp-remote@0.15.1", url, "--transport", "http-only"]}
    Path(".mcp.json").write_text(json.dumps({"mcpServers": {"far": entry}}))
    answer, logins = _connected(url)
    assert "serverInfo" in answer["result"]
    assert logins == 1
    (kept,) = run("stores", "--json").json["stores"]
    assert (kept["store"], kept["server"], kept["state"]) == ("mcp-remote", url, "usable"), kept
    assert (kept["issuer"].rstrip("/"), kept["mode"]) == (oidc_protected.issuer.rstrip("/"), "0600")
    assert kept["client_id"]
    assert kept["expires"]
    assert _connected(url)[1] == 0
    assert run("stores", "--remove", kept["id"], "--json").json["stores"] == []
    assert _connected(url)[1] == 1, "a login was forced"
    (newer,) = run("stores", "--json").json["stores"]
    assert newer["id"] == kept["id"]
    assert run("stores", "--undo", kept["id"], "--json").json["error"]["id"] == "newer-login"
    files = list((home / ".mcp-auth").rglob("*"))
    assert any(p.name.endswith("_tokens.json") for p in files)
