"""An MCP server on loopback that wants a login, its authorization server, and a browser that only notes what it is to
open: enough to see which login a client begins, and whether it ends well where the test consents in its place."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from .judging import answered

GRANTED: Final = "/mcp, with its token"
"""Stands for a path where the MCP server was asked with a token that the authorization server gave."""
REGISTERED: Final = "registered-1"
_BROWSERS: Final = ("xdg-open", "open", "www-browser", "sensible-browser", "x-www-browser", "firefox")


@contextlib.contextmanager
def authorizing(scopes: tuple[str, ...] = (), *, says_iss: bool = True) -> Iterator[tuple[str, list[str]]]:
    """The MCP server's address, and the paths that were asked; ``scopes`` are those that it names. Its authorization
    server names itself in its answers to a browser (RFC 9207), or does not."""
    asked: list[str] = []
    logins = _Logins()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            base = f"http://{self.headers['Host']}"
            granted = path == "/mcp" and logins.gave(self.headers.get("Authorization", ""))
            asked.append(GRANTED if granted else path)
            if granted:
                answer = answered(json.loads(body)) if self.command == "POST" else None
                self._send(405 if self.command != "POST" else 202 if answer is None else 200, answer)
            elif path == "/authorize":
                to = logins.code(dict(parse_qsl(urlsplit(self.path).query)), base if says_iss else "")
                self._send(302 if to else 400, None, {"Location": to} if to else {})
            elif path == "/token":
                token = logins.token(dict(parse_qsl(body.decode())))
                given = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
                self._send(200 if token else 400, given if token else {"error": "invalid_grant"})
            elif path == "/register":
                logins.register(json.loads(body))
                self._send(201, {**json.loads(body), "client_id": REGISTERED})
            elif path == "/mcp":
                place = f"{base}/.well-known/oauth-protected-resource/mcp"
                self._send(401, {}, {"WWW-Authenticate": f'Bearer resource_metadata="{place}"'})
            elif path.startswith("/.well-known/oauth-protected-resource"):
                found = {"resource": f"{base}/mcp", "authorization_servers": [base]}
                self._send(200, {**found, **({"scopes_supported": scopes} if scopes else {})})
            elif path.startswith("/.well-known/"):
                self._send(200, _metadata(base, says_iss))
            else:
                self._send(404, {})

        do_GET = do_POST  # noqa: N815  # the name that http.server asks for

        def _send(
            self, status: int, body: Mapping[str, Any] | None, more: Mapping[str, str] | None = None
        ) -> None:
            text = b"" if body is None else json.dumps(body).encode()
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


class _Logins:
    """What the authorization server knows: it gives a token to whom sent the request that the code is for."""

    def __init__(self) -> None:
        self._requests: dict[str, Mapping[str, str]] = {}
        self._tokens: set[str] = set()
        self._redirects: list[str] = []

    def register(self, client: Mapping[str, Any]) -> None:
        self._redirects += client.get("redirect_uris", [])

    def code(self, request: Mapping[str, str], issuer: str) -> str:
        """Where the browser is sent with a code; nowhere if the client that registered itself named it not."""
        back = request.get("redirect_uri", "")
        if not back or (request.get("client_id") == REGISTERED and back not in self._redirects):
            return ""
        code = secrets.token_urlsafe()
        self._requests[code] = request
        iss = {"iss": issuer} if issuer else {}
        return f"{back}?{urlencode({'code': code, 'state': request.get('state', ''), **iss})}"

    def token(self, form: Mapping[str, str]) -> str:
        request = self._requests.pop(form.get("code", ""), {})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = {"code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("=")}
        said = {n: form.get(n) for n in ("client_id", "redirect_uri", "resource")} | proof
        if not request or said != {n: request.get(n) for n in said}:
            return ""
        token = secrets.token_urlsafe()
        self._tokens.add(token)
        return token

    def gave(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and token in self._tokens


def consent(address: str) -> int:
    """What a browser does whose person consents: it goes where the authorization server sends it, and no further. The
    status of the page at which it ends."""
    status, to = _get(address)
    assert (status, bool(to)) == (302, True), status
    return _get(to)[0]


def _get(address: str) -> tuple[int, str]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request("GET", parts._replace(scheme="", netloc="").geturl() or "/")
        response = connection.getresponse()
        return response.status, response.getheader("Location") or ""
    finally:
        connection.close()


def _metadata(base: str, says_iss: bool) -> dict[str, object]:
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "registration_endpoint": f"{base}/register",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        **({"authorization_response_iss_parameter_supported": True} if says_iss else {}),
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
