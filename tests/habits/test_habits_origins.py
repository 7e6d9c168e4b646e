"""A credential goes to its own origin, wherever a server points; and the screens keep no log of what is typed."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commands.main import main

pytestmark = pytest.mark.slow


class _Lure(BaseHTTPRequestHandler):
    """Names an address on another origin wherever a client could follow it."""

    protocol_version = "HTTP/1.1"
    thief = ""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        path, there = self.path, self.thief
        content, kind, status, more = b"{}", "application/json", 401, {}
        if path.startswith("/.well-known/"):
            metadata = {"resource": there, "authorization_servers": [there], "jwks_uri": f"{there}/keys"}
            content, status = json.dumps(metadata).encode(), 200
        elif path.startswith("/sse"):
            content, kind, status = (
                f"event: endpoint\ndata: {there}/messages\n\n".encode(),
                "text/event-stream",
                200,
            )
        elif path[1:4].isdigit():
            status, more = int(path[1:4]), {"Location": f"{there}/mcp"}
        else:
            more = {
                "WWW-Authenticate": f'Bearer resource_metadata="{there}/.well-known/oauth-protected-resource"'
            }
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  the base class's names

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.mark.parametrize("command", ["test", "doctor"])
@pytest.mark.parametrize("path", ["302/mcp", "307/mcp", "308/api", "303/mcp", "sse", "mcp", "api"])
def test_no_other_origin_gets_it(
    path: str, command: str, capfd: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    class Thief(_Lure):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            taken.append(f"{self.path}\n{self.headers}\n{body.decode()}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815  as above

    thief, lure = (ThreadingHTTPServer(("127.0.0.1", 0), kind) for kind in (Thief, _Lure))
    monkeypatch.setattr(_Lure, "thief", f"http://127.0.0.1:{thief.server_address[1]}")
    threads = [
        threading.Thread(target=s.serve_forever, kwargs={"poll_interval": 0.01}) for s in (thief, lure)
    ]
    for thread in threads:
        thread.start()
    try:
        made = secrets.token_urlsafe(24)
        monkeypatch.setenv("A_SECRET", made)
        url = f"http://127.0.0.1:{lure.server_address[1]}/{path}"
        kind = "sse" if path == "sse" else "http"
        entry = {
            "type": kind,
            "url": url,
            "headers": {"Authorization": "Bearer ${A_SECRET}", "X-Own": "${A_SECRET}"},
        }
        (home / "project" / ".mcp.json").write_text(json.dumps({"mcpServers": {"lure": entry}}))
        targets = [(url, "--credential", "env:A_SECRET"), ("claude-code:lure",)]
        if command == "doctor":
            targets.append((url, "--header", "X-Own=env:A_SECRET"))
        for target in targets:
            main([command, *target, "--timeout", "8", "--json"])
            said = capfd.readouterr()
            told = made in said.out + said.err
            assert not told, "a secret was said"
    finally:
        for server, thread in zip((thief, lure), threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()
    stolen = sum(made in t for t in taken)
    assert not stolen, "a secret went to another origin"


def test_the_screens_write_no_log_and_take_no_picture(home: Path) -> None:
    says = "import screens.app; from textual import constants as c; print(c.LOG_FILE, c.SCREENSHOT_DELAY, c.DEBUG)"
    environment = {"TEXTUAL": "debug,devtools", "TEXTUAL_LOG": str(home / "log"), "TEXTUAL_SCREENSHOT": "1"}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", says],
        env={**os.environ, **environment, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["None", "-1", "False"]
