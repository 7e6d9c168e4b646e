"""An issuer on loopback that does as the specifications say, in the same process as the test: registration (RFC 7591),
code with PKCE S256, refresh tokens that are rotated, a family that ends when one is used twice (RFC 9700 section
4.14.2), revocation (RFC 7009); and the resource that it protects. What a test wants answered otherwise it puts into
``instead``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from wizard.oauth.model import Login
from wizard.secret import Secret

Form = dict[str, str]
Answer = tuple[int, Any]


@dataclass
class Family:
    """What one login led to: the refresh token that may be used now, and those that were."""

    now: str
    access: str
    used: set[str] = field(default_factory=set)
    ended: bool = False


@dataclass
class Issuer:
    """``grants`` counts the refresh tokens that were taken, ``reuses`` those shown a second time, ``registrations`` and
    ``logins`` what they say. ``asked`` are the forms that the token endpoint got, ``headers`` those requests' headers;
    ``revoked`` the tokens that were revoked, ``told`` what is answered to that (else 200 and nothing). ``gate`` is
    waited for before a refresh is answered, after it was done.
    """

    url: str = ""
    lifetime: int = 3600
    rotates: bool = True
    grants: int = 0
    reuses: int = 0
    registrations: int = 0
    logins: int = 0
    families: list[Family] = field(default_factory=list)
    clients: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Form] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    revoked: list[Form] = field(default_factory=list)
    told: deque[Answer] = field(default_factory=deque)
    instead: deque[Answer] = field(default_factory=deque)
    left_out: set[str] = field(default_factory=set)
    came: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)
    codes: dict[str, Form] = field(default_factory=dict)

    @property
    def mcp(self) -> str:
        return f"{self.url}/mcp"

    def metadata(self) -> dict[str, Any]:
        found = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "registration_endpoint": f"{self.url}/register",
            "revocation_endpoint": f"{self.url}/revoke",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {k: v for k, v in found.items() if k not in self.left_out}

    def login(self, **more: Any) -> Login:
        """A login as if somebody had just signed in, its access token ended a minute ago."""
        family = self.new_family()
        given = {
            "issuer": self.url,
            "client_id": "client",
            "access_token": Secret(family.access),
            "refresh_token": Secret(family.now),
            "expires_at": time.time() - 60,
            "resource": self.mcp,
            "endpoints": {k: v for k, v in self.metadata().items() if k.endswith("_endpoint")},
            "scopes": ("read",),
            "asked": ("read",),
        }
        return Login(**{**given, **more})

    def new_family(self) -> Family:
        self.families.append(Family(secrets.token_urlsafe(24), secrets.token_urlsafe(24)))
        return self.families[-1]

    def live(self, token: str) -> bool:
        return any(f.access == token and not f.ended for f in self.families)

    def token(self, form: Form, headers: dict[str, str]) -> Answer:
        with self.guard:
            self.asked.append(form)
            self.headers.append(headers)
            if self.instead:
                return self.instead.popleft()
            if form.get("grant_type") == "authorization_code":
                return self._by_code(form)
            if form.get("grant_type") != "refresh_token":
                return 400, {"error": "unsupported_grant_type"}
            return self._by_refresh(form)

    def _by_refresh(self, form: Form) -> Answer:
        shown = form.get("refresh_token", "")
        for family in self.families:
            if shown in family.used:
                self.reuses += 1
                family.ended = True
                return 400, {"error": "invalid_grant", "error_description": "grant request is invalid"}
            if shown == family.now and not family.ended:
                self.grants += 1
                family.access = secrets.token_urlsafe(24)
                if self.rotates:
                    family.used.add(shown)
                    family.now = secrets.token_urlsafe(24)
                return 200, self._granted(family)
        return 400, {"error": "invalid_grant", "error_description": "grant request is invalid"}

    def _by_code(self, form: Form) -> Answer:
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != shown or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        self.logins += 1
        return 200, self._granted(self.new_family())

    def _granted(self, family: Family) -> dict[str, Any]:
        found = {
            "access_token": family.access,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": "read",
        }
        return {**found, "refresh_token": family.now} if self.rotates or not family.used else found

    def register(self, wanted: dict[str, Any]) -> Answer:
        with self.guard:
            self.registrations += 1
            made = {**wanted, "client_id": secrets.token_hex(8), "client_id_issued_at": int(time.time())}
            self.clients[made["client_id"]] = made
        return 201, made

    def authorize(self, asked: Form) -> str:
        """Where the browser is sent: somebody is signed in here already."""
        with self.guard:
            client = self.clients[asked["client_id"]]
            assert asked["redirect_uri"] in client["redirect_uris"]
            assert asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def revoke(self, form: Form) -> None:
        with self.guard:
            self.revoked.append(form)
            for family in self.families:
                if form["token"] in (family.now, family.access, *family.used):
                    family.ended = True


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/oauth-authorization-server":
                self._say(200, issuer.metadata())
            elif parts.path.startswith("/.well-known/oauth-protected-resource"):
                self._say(200, {"resource": issuer.mcp, "authorization_servers": [issuer.url]})
            elif parts.path == "/authorize":
                self._say(302, b"", Location=issuer.authorize(dict(parse_qsl(parts.query))))
            else:
                self._resource()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            path = urlsplit(self.path).path
            if path == "/register":
                self._say(*issuer.register(json.loads(body)))
            elif path in ("/token", "/revoke"):
                form = dict(parse_qsl(body.decode()))
                if path == "/revoke":
                    issuer.revoke(form)
                    self._say(*(issuer.told.popleft() if issuer.told else (200, b"")))
                    return
                status, said = issuer.token(form, {k.lower(): v for k, v in self.headers.items()})
                issuer.came.set()
                issuer.gate.wait(30)
                self._say(status, said)
            else:
                self._resource()

        def _resource(self) -> None:
            scheme, _, token = self.headers.get("authorization", "").partition(" ")
            if scheme == "Bearer" and issuer.live(token):
                self._say(200, {"ok": True})
                return
            where = f"{issuer.url}/.well-known/oauth-protected-resource/mcp"
            self._say(401, b"", **{"WWW-Authenticate": f'Bearer resource_metadata="{where}"'})

        def _say(self, status: int, said: Any, **headers: str) -> None:
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if content and "Content-Type" not in headers:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is written."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of it is no news."""


@contextmanager
def rotating() -> Iterator[Issuer]:
    """Serve until the block ends."""
    issuer = Issuer()
    issuer.gate.set()
    server = _Server(("127.0.0.1", 0), _handler(issuer))
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.gate.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def basic(headers: dict[str, str]) -> tuple[str, str]:
    """Id and secret of an Authorization header, form-decoded (RFC 6749 section 2.3.1)."""
    scheme, _, text = headers["authorization"].partition(" ")
    assert scheme == "Basic"
    id, _, secret = base64.b64decode(text).decode().partition(":")
    return unquote_plus(id), unquote_plus(secret)


Refuse = Callable[..., Answer]


def refused(error: str, description: str = "", status: int = 400) -> Answer:
    """An answer of RFC 6749 section 5.2."""
    return status, {"error": error, **({"error_description": description} if description else {})}
