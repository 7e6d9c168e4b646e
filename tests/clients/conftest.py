"""The real Claude Code as a judge, and servers that say what they were sent."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from servers.terminal import terminal

__all__ = ["terminal"]

_ANSWERS = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "logging", "version": "1"},
    },
    "tools/list": {"tools": []},
    "ping": {},
}


@dataclass(frozen=True)
class LoggingServer:
    """An MCP server on loopback that answers anybody and keeps the headers of every request, names lower case."""

    url: str
    seen: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def logging_server() -> Iterator[LoggingServer]:
    """A remote MCP server that logs headers."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append({k.lower(): v for k, v in self.headers.items()})
            if "id" not in message:
                self._send(202, b"")
            elif message["method"] in _ANSWERS:
                self._reply({"result": _ANSWERS[message["method"]]}, message["id"])
            else:
                self._reply({"error": {"code": -32601, "message": "Method not found"}}, message["id"])

        def do_GET(self) -> None:
            self._send(405, b"")

        def _reply(self, body: dict[str, object], id: object) -> None:
            self._send(200, json.dumps({"jsonrpc": "2.0", "id": id, **body}).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield LoggingServer(f"http://127.0.0.1:{server.server_address[1]}/mcp", seen)
    server.shutdown()
    server.server_close()
    thread.join()


_CHILD = """
import json, os, sys
with open(sys.argv[1], "w") as out:
    json.dump(dict(os.environ), out)
answers = json.loads(sys.argv[2])
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    body = {"jsonrpc": "2.0", "id": message["id"]}
    known = message.get("method") in answers
    body |= {"result": answers[message["method"]]} if known else {"error": {"code": -32601, "message": "no"}}
    print(json.dumps(body), flush=True)
"""


@dataclass(frozen=True)
class LoggingChild:
    """A stdio MCP server that writes its environment down when it is started."""

    command: tuple[str, ...]
    log: Path

    def environ(self) -> dict[str, str]:
        """The environment of the last start."""
        return dict(json.loads(self.log.read_text(encoding="utf-8")))


@pytest.fixture
def logging_child(tmp_path: Path) -> LoggingChild:
    """A stdio MCP server that logs its environment."""
    script, log = tmp_path / "child.py", tmp_path / "child-environ.json"
    script.write_text(_CHILD, encoding="utf-8")
    return LoggingChild((sys.executable, str(script), str(log), json.dumps(_ANSWERS)), log)


@dataclass(frozen=True)
class ClaudeList:
    """What `claude mcp list` printed, and its verdict on each server by name."""

    text: str

    def verdict(self, name: str) -> str:
        """The words after the server's last ` - `: `✔ Connected`, `✘ Failed to connect` ...; empty if not listed."""
        found = re.search(rf"^{re.escape(name)}: .* - (.*)$", self.text, re.MULTILINE)
        return found.group(1).strip() if found else ""

    def connected(self, name: str) -> bool:
        """Connected, and nothing complained about anywhere."""
        return "Connected" in self.verdict(name) and not re.search(r"\[(Warning|Error)\]", self.text)


@pytest.fixture
def claude(home: Path) -> Callable[..., ClaudeList]:
    """`claude()` runs the real `claude mcp list` in the working folder; project servers count as approved and
    the folder as trusted, `more` variables are added. Needs AUTHWIZARD_CI_CLAUDE, the program's path."""

    def run(more: Mapping[str, str] | None = None) -> ClaudeList:
        settings = home / ".claude" / "settings.json"
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(json.dumps({"enableAllProjectMcpServers": True}), encoding="utf-8")
        own = home / ".claude.json"
        state = json.loads(own.read_text(encoding="utf-8")) if own.exists() else {}
        state.setdefault("projects", {}).setdefault(str(Path.cwd()), {})["hasTrustDialogAccepted"] = True
        own.write_text(json.dumps(state), encoding="utf-8")
        quiet = {
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_TELEMETRY": "1",
        }
        done = subprocess.run(
            [os.environ["AUTHWIZARD_CI_CLAUDE"], "mcp", "list"],
            env={**os.environ, **quiet, **(more or {})},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        return ClaudeList((done.stdout + done.stderr).decode())

    return run
