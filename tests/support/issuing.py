"""An issuer of our own on loopback, in a thread: real signatures, and every answer as a test wants it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

Answer = tuple[int, object, dict[str, str]]
Give = Callable[["Request"], Answer]


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str]

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").partition(" ")[2]


def says(status: int, body: object = None, **headers: str) -> Give:
    """One answer to everybody; keywords are header fields with ``_`` for ``-``."""
    return lambda _: (status, body, {n.replace("_", "-"): v for n, v in headers.items()})


def unknown_token(description: str = "Token verification failed") -> Give:
    told = f'Bearer realm="test", error="invalid_token", error_description="{description}"'
    return says(401, None, www_authenticate=told)


@dataclass
class Issuer:
    """``pages`` by path may be replaced; ``metadata`` is added to what it publishes. ``realm`` is its path."""

    port: int
    realm: str
    pages: dict[str, Give] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    kid: str = "k1"

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}{self.realm}"

    def public(self, **more: object) -> dict[str, object]:
        held = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**held, "kid": self.kid, "alg": "ES256", "use": "sig", **more}

    def token(self, **claims: object) -> str:
        now = int(time.time())
        whole = {
            "iss": self.url, "sub": "alice", "aud": "account", "azp": "an-app", "scope": "openid profile email",
            "iat": now, "exp": now + 3600,
        }  # fmt: skip
        kept = {n: v for n, v in (whole | claims).items() if v is not None}
        return jwt.encode(kept, self.key, algorithm="ES256", headers={"kid": self.kid})

    def published(self) -> dict[str, object]:
        ends = {
            "token": "token",
            "introspection": "introspect",
            "userinfo": "userinfo",
            "authorization": "authorize",
        }
        return {
            "issuer": self.url,
            **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in ends.items()},
            "jwks_uri": f"{self.url}/jwks",
            **self.metadata,
        }

    def asked_for(self, end: str) -> list[Request]:
        return [r for r in self.asked if r.path.endswith(end)]


@contextmanager
def issuing(realm: str = "/realms/test") -> Iterator[Issuer]:
    """An issuer that takes every token, until the block ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            headers = {n.lower(): v for n, v in self.headers.items()}
            request = Request(self.command, path, headers, dict(parse_qsl(body.decode("utf-8", "replace"))))
            issuer.asked.append(request)
            give = issuer.pages.get(path.removeprefix(realm)) or usual(path)
            status, said, more = give(request)
            content = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            if "content-type" not in more:
                self.send_header("content-type", "application/json")
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            with suppress(OSError):  # who asked may have gone
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    def usual(path: str) -> Give:
        if path.startswith("/.well-known/") or path.endswith("/.well-known/openid-configuration"):
            return says(200, issuer.published())
        if path == f"{realm}/jwks":
            return says(200, {"keys": [issuer.public()]})
        if path == f"{realm}/introspect":
            return says(200, {"active": True, "sub": "alice", "scope": "read"})
        if path == f"{realm}/userinfo":
            return says(200, {"sub": "alice", "groups": ["finance"]})
        if path == f"{realm}/token":
            return says(400, {"error": "invalid_grant"})
        return says(404)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(server.server_address[1], realm)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def cut(token: str) -> str:
    """The same token with another signature."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{'A' * 8 if signature[:8] != 'A' * 8 else 'B' * 8}{signature[8:]}"


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))
