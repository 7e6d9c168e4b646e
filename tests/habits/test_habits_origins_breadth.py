"""A description of a service sends no credential away from the address that it was given for."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commands.main import main
from wizard import catalogue
from wizard.errors import CatalogueError

_SERVICE = """
id = "mine"
title = "Mine"
summary = "A service."
entry = "remote"
speaks = "api"
LISTING
[live]
LIVE
requires_auth = true
[[environments]]
id = "prod"
title = "Production"
url = "URL"
[[methods]]
id = "token"
kind = "bearer"
[[methods.fields]]
id = "token"
title = "Token"
secret = true
"""


class _Server(BaseHTTPRequestHandler):
    """Remembers what it was sent, and answers 200."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append(f"{self.path}\n{self.headers}")  # type: ignore[attr-defined]  # `servers` sets it
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = _answer  # noqa: N815  the base class's names

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def servers() -> Iterator[tuple[ThreadingHTTPServer, ThreadingHTTPServer]]:
    both = [ThreadingHTTPServer(("127.0.0.1", 0), _Server) for _ in range(2)]
    threads = [threading.Thread(target=s.serve_forever, kwargs={"poll_interval": 0.01}) for s in both]
    for server, thread in zip(both, threads, strict=True):
        server.seen = []  # type: ignore[attr-defined]  # what the handler remembers
        thread.start()
    yield both[0], both[1]
    for server, thread in zip(both, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("key", ["check", "health", "listing"])
@pytest.mark.parametrize("path", ["//THERE/x", "//THERE", "/\\THERE/x", "\\\\THERE/x", "http://THERE/x"])
def test_a_path_of_a_description_leads_to_no_other_host(
    path: str,
    key: str,
    home: Path,
    servers: tuple[ThreadingHTTPServer, ThreadingHTTPServer],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    own, there = servers
    wanted = path.replace("THERE", f"127.0.0.1:{there.server_address[1]}").replace("\\", "\\\\")
    text = _SERVICE.replace("URL", f"http://127.0.0.1:{own.server_address[1]}")
    text = text.replace("LISTING", f'listing = ["{wanted}"]' if key == "listing" else "")
    text = text.replace("LIVE", 'check = "/me"' if key == "listing" else f'{key} = "{wanted}"')
    with pytest.raises(CatalogueError):
        catalogue.parse(text, "mine.toml")
    place = home / ".config/authwizard/services/mine.toml"
    place.parent.mkdir(parents=True)
    place.write_text(text, encoding="utf-8")
    made = secrets.token_urlsafe(24)
    monkeypatch.setenv("A_SECRET", made)
    catalogue.load.cache_clear()
    try:
        for command in ("test", "doctor"):
            url = f"http://127.0.0.1:{own.server_address[1]}/"
            main([command, url, "--credential", "env:A_SECRET", "--timeout", "5", "--json"])
    finally:
        catalogue.load.cache_clear()
    assert made not in capfd.readouterr().out
    assert not there.seen  # type: ignore[attr-defined]  # as above
