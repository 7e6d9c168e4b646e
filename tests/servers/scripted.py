"""A real HTTP server whose answers a test writes as one function; with TLS where a context is given."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_CHUNK: Final = b"x" * 65536


@dataclass(frozen=True)
class Asked:
    """A request as it came in: header names in small letters, `lines` as they were sent."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    lines: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def host(self) -> str:
        """The host that was meant, without its port."""
        return self.headers.get("host", "").rpartition(":")[0] or self.headers.get("host", "")

    @property
    def bearer(self) -> str:
        """The bearer token that came along, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    @property
    def message(self) -> dict[str, Any]:
        """The JSON object in the body; empty where there is none."""
        with suppress(ValueError):
            found = json.loads(self.body)
            return found if isinstance(found, dict) else {}
        return {}

    @property
    def form(self) -> dict[str, str]:
        """The form in the body, or the query."""
        return dict(parse_qsl(self.query or self.body.decode("utf-8", "replace")))


@dataclass(frozen=True)
class Reply:
    """One whole answer; a body that is neither bytes nor text is sent as JSON. ``endless`` never stops."""

    status: int = 200
    body: object = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    endless: bool = False

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


Answering = Callable[[Asked], Reply]


@dataclass
class Scripted:
    """Where it listens, and what it was asked so far."""

    port: int
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    site: Scripted
    answering: Answering

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        lines = tuple((str(n), str(v)) for n, v in self.headers.items())
        asked = Asked(self.command, parts.path, parts.query, {n.lower(): v for n, v in lines}, lines, body)
        self.site.asked.append(asked)
        reply = type(self).answering(asked)
        if any(name.lower() == "date" for name, _ in reply.headers):
            # http.server would put its own before it
            self.send_response_only(reply.status)
        else:
            self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.endless:
            self.close_connection = True
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(_CHUNK)
            return
        content = reply.content()
        if content:
            self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = do_CONNECT = _serve  # noqa: N815  # http.server's names

    def log_message(self, *_: object) -> None:
        """Nothing: what is asked holds credentials."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is none of a test's business."""


@contextmanager
def scripted(
    answering: Answering, *, tls: ssl.SSLContext | None = None, port: int = 0, host: str = "127.0.0.1"
) -> Iterator[Scripted]:
    """Serve on 127.0.0.1, or another address of this machine, until the block ends."""
    handler = type("Handler", (_Handler,), {"answering": staticmethod(answering)})
    kind = type("Server", (_Server,), {"address_family": socket.AF_INET6}) if ":" in host else _Server
    server = kind((host, port), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site = Scripted(server.server_address[1], "https" if tls else "http")
    handler.site = site  # type: ignore[attr-defined]  # the class was made a moment ago
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
