"""A plain HTTP API, or an MCP server, on loopback that lets in whoever brings what it wants, and records all that
arrives."""

from __future__ import annotations

import contextlib
import json
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_RESULTS: Final[dict[str, dict[str, Any]]] = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "recorder", "version": "1"},
    },
    "notifications/initialized": {},
    "tools/list": {"tools": []},
    "ping": {},
}


@dataclass(frozen=True)
class Arrived:
    """One request: headers by small letters, parameters decoded."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]

    @property
    def pair(self) -> str:
        """``user:password`` of its Basic header; empty where it has none."""
        scheme, _, rest = self.headers.get("authorization", "").partition(" ")
        return b64decode(rest).decode() if scheme == "Basic" else ""


@dataclass
class Recorder:
    """``wants`` says whether a request is let in; the others get 401 with ``challenge`` (none where it is empty)."""

    wants: Callable[[Arrived], bool]
    challenge: str = ""
    url: str = ""
    arrived: list[Arrived] = field(default_factory=list)

    def let_in(self) -> list[Arrived]:
        """The requests that brought what is wanted."""
        return [a for a in self.arrived if self.wants(a)]


@contextlib.contextmanager
def recording(
    wants: Callable[[Arrived], bool], challenge: str = "", path: str = "/v1/me"
) -> Iterator[Recorder]:
    """The API, running until the block ends; its ``url`` is that of ``path``. At the path ``/mcp`` it speaks MCP."""
    recorder = Recorder(wants, challenge)

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            arrived = Arrived(self.command, parts.path, headers, query)
            recorder.arrived.append(arrived)
            asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            if parts.path != path:
                self._answer(404, {"error": "not_found"})
            elif wants(arrived):
                self._answer(200, self._message(asked) if path == "/mcp" else {"user": "alice"})
            else:
                self._answer(401, {"error": "unauthorized", "message": "Who are you?"})

        do_POST = do_DELETE = do_GET  # noqa: N815  # the names that http.server asks for

        def _message(self, asked: dict[str, Any]) -> dict[str, Any]:
            answer = {"jsonrpc": "2.0", "id": asked.get("id")}
            if (result := _RESULTS.get(asked.get("method", ""))) is None:
                return {**answer, "error": {"code": -32601, "message": "Method not found"}}
            return {**answer, "result": result}

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            if status == 401 and challenge:
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    recorder.url = f"http://127.0.0.1:{server.server_address[1]}{path}"
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
