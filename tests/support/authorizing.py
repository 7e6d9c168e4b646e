"""An MCP server on loopback that wants a login, its authorization server, and a browser that only notes what it is to
open: enough to see which login a client begins."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

REGISTERED: Final = "registered-1"
_BROWSERS: Final = ("xdg-open", "open", "www-browser", "sensible-browser", "x-www-browser", "firefox")


@contextlib.contextmanager
def authorizing(scopes: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """The MCP server's address, and the paths that were asked; ``scopes`` are those that it names."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            asked.append(path)
            base = f"http://{self.headers['Host']}"
            if path == "/register":
                self._send(201, {**json.loads(body), "client_id": REGISTERED})
            elif path == "/mcp":
                place = f"{base}/.well-known/oauth-protected-resource/mcp"
                self._send(401, {}, {"WWW-Authenticate": f'Bearer resource_metadata="{place}"'})
            elif path.startswith("/.well-known/oauth-protected-resource"):
                found = {"resource": f"{base}/mcp", "authorization_servers": [base]}
                self._send(200, {**found, **({"scopes_supported": scopes} if scopes else {})})
            elif path.startswith("/.well-known/"):
                self._send(200, _metadata(base))
            else:
                self._send(404, {})

        do_GET = do_POST  # noqa: N815  # the name that http.server asks for

        def _send(self, status: int, body: Mapping[str, Any], more: Mapping[str, str] | None = None) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/mcp", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _metadata(base: str) -> dict[str, object]:
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "registration_endpoint": f"{base}/register",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
    }


def browser(home: Path) -> tuple[Callable[[], list[str]], dict[str, str]]:
    """What it was told to open, and the variables by which a program finds it."""
    folder, noted = home / "browsers", home / "opened"
    folder.mkdir()
    for name in _BROWSERS:
        script = folder / name
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{noted}"\n', encoding="utf-8")
        script.chmod(0o700)

    def opened() -> list[str]:
        return noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []

    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return opened, {"PATH": path, "BROWSER": str(folder / "xdg-open"), "DISPLAY": ":0"}
