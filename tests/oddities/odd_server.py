"""An authorization server and the MCP server behind it, healthy as they stand; what an odd one does otherwise is data.

The MCP server is `http://127.0.0.1:PORT/mcp`, its authorization server `http://localhost:PORT`: two origins.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from servers.real import free_port

KNOWN: Final = "known-client"
"""A public client that somebody registered by hand, with any port of 127.0.0.1/callback."""
SCOPES: Final = ("read", "write", "openid")
_DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
_CHUNK: Final = b"x" * 65536


@dataclass(frozen=True)
class Answer:
    """A whole answer. Texts may hold {base}, {issuer}, {dead} (nobody listens there) and {free} (a free port)."""

    status: int = 200
    body: object = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    endless: bool = False

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


Instead = Answer | None
"""None: as a healthy server answers."""


@dataclass(frozen=True)
class Odd:
    """What differs. ``change`` are members laid over a JSON answer, over a login's way back (`authorize`) or over a
    token's claims (`claims`), by place; None takes one away. ``instead`` are whole answers by place, one after another,
    the last one for ever. ``options`` are the command's own words; ``says`` stands in the finding's title or evidence.
    ``wants`` is a scope besides that a token needs; ``most`` how often a place may be asked at most, ``hidden`` what
    may stand nowhere. ``patience`` is what part of its time a login waits.
    """

    cause: str = ""
    change: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    instead: Mapping[str, Instead | tuple[Instead, ...]] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    says: str = ""
    certainty: str = "proven"
    wants: str = ""
    most: Mapping[str, int] = field(default_factory=dict)
    hidden: str = "Traceback"
    patience: float = 0.6


@dataclass
class Asked:
    """A request as it came in, with its form or query."""

    method: str
    place: str
    headers: Mapping[str, str]
    form: Mapping[str, str]
    message: Mapping[str, Any] = field(default_factory=dict)


class OddServer:
    """Both servers, and what they were asked."""

    def __init__(self, odd: Odd, port: int) -> None:
        self.odd = odd
        self.asked: list[Asked] = []
        self.own = {
            "base": f"http://127.0.0.1:{port}",
            "issuer": f"http://localhost:{port}",
            "dead": f"http://127.0.0.1:{free_port()}",
            "free": str(free_port()),
        }
        self.mcp = f"{self.own['base']}/mcp"
        self._codes: dict[str, Mapping[str, str]] = {}
        self._refreshed_by: dict[str, Mapping[str, str]] = {}
        self._clients: dict[str, list[str]] = {}
        self._times: dict[str, int] = {}
        self._lock = threading.Lock()

    def options(self) -> tuple[str, ...]:
        return tuple(self.filled(o) for o in self.odd.options)

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, own in self.own.items():
                value = value.replace(f"{{{name}}}", own)
            return value
        if isinstance(value, Mapping):
            return {k: self.filled(v) for k, v in value.items()}
        return [self.filled(v) for v in value] if isinstance(value, list | tuple) else value

    def times(self, place: str) -> int:
        """How often a place was asked."""
        return len([a for a in self.asked if a.place == place])

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        healthy: Callable[[Asked], Answer] | None = getattr(self, f"_{asked.place}", None)
        return self.at(asked.place, lambda: healthy(asked) if healthy else Answer(404))

    def at(self, place: str, healthy: Callable[[], Answer]) -> Answer:
        found = self._instead(place) or healthy()
        if isinstance(found.body, dict) and place in self.odd.change and found.status < 300:
            found = replace(found, body=self.over(place, found.body))
        headers = tuple((n, self.filled(v)) for n, v in found.headers)
        return replace(found, body=self.filled(found.body), headers=headers)

    def over(self, place: str, members: Mapping[str, object]) -> dict[str, object]:
        laid = {**members, **self.odd.change.get(place, {})}
        return {k: self.filled(v) for k, v in laid.items() if v is not None}

    def _instead(self, place: str) -> Instead:
        found = self.odd.instead.get(place)
        if not isinstance(found, tuple):
            return found
        with self._lock:
            turn = self._times.get(place, 0)
            self._times[place] = turn + 1
        return found[min(turn, len(found) - 1)]

    def _resource(self, _: Asked) -> Answer:
        named = {
            "resource": "{base}/mcp",
            "authorization_servers": ["{issuer}"],
            "scopes_supported": ["read"],
        }
        return Answer(body=named)

    def _issuer(self, _: Asked) -> Answer:
        return Answer(
            body={
                "issuer": "{issuer}",
                "authorization_endpoint": "{issuer}/authorize",
                "token_endpoint": "{issuer}/token",
                "registration_endpoint": "{issuer}/register",
                "device_authorization_endpoint": "{issuer}/device",
                "jwks_uri": "{issuer}/keys",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token", _DEVICE],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    def _keys(self, _: Asked) -> Answer:
        made = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(_key().public_key()))
        return Answer(body={"keys": [{**made, "kid": "one", "alg": "ES256", "use": "sig"}]})

    def _register(self, asked: Asked) -> Answer:
        made = secrets.token_hex(8)
        uris = asked.message.get("redirect_uris", [])
        self._clients[made] = uris
        return Answer(201, {"client_id": made, "redirect_uris": uris, "token_endpoint_auth_method": "none"})

    def _authorize(self, asked: Asked) -> Answer:
        form = asked.form
        uri = form.get("redirect_uri", "")
        if not self._registered(form.get("client_id", ""), uri):
            return Answer(400, "<h1>Invalid parameter: redirect_uri</h1>", "text/html")
        code = secrets.token_urlsafe(16)
        self._codes[code] = form
        back: dict[str, object] = {"code": code, "state": form.get("state", ""), "iss": self.own["issuer"]}
        wrong = (
            "invalid_request"
            if form.get("response_type") != "code" or form.get("code_challenge_method") != "S256"
            else "invalid_target"
            if form.get("resource") not in (self.mcp, self.own["base"])
            else "invalid_scope"
            if set(form.get("scope", "").split()) - set(SCOPES)
            else ""
        )
        if wrong:
            back = {**back, "code": None, "error": wrong}
        laid = self.over("authorize", {k: v for k, v in back.items() if v is not None})
        return Answer(302, headers=(("Location", f"{uri}?{urlencode(laid)}"),))

    def _registered(self, client: str, uri: str) -> bool:
        if client == KNOWN:
            parts = urlsplit(uri)
            return (parts.scheme, parts.hostname, parts.path) == ("http", "127.0.0.1", "/callback")
        return uri in self._clients.get(client, [])

    def _device(self, asked: Asked) -> Answer:
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked.form
        page = {"verification_uri": "{issuer}/code", "verification_uri_complete": "{issuer}/code?one"}
        return Answer(
            body={"device_code": code, "user_code": "ABCD-EFGH", "expires_in": 60, "interval": 0, **page}
        )

    def _token(self, asked: Asked) -> Answer:
        form = asked.form
        if form.get("grant_type") == "refresh_token":
            return self.at("refresh", lambda: self._refreshed(form))
        held = self._codes.pop(form.get("code") or form.get("device_code", ""), None)
        if held is None or held.get("client_id") != form.get("client_id"):
            return Answer(400, {"error": "invalid_grant"})
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if proof != held.get("code_challenge") or form.get("redirect_uri") != held.get("redirect_uri"):
                return Answer(400, {"error": "invalid_grant"})
        if form.get("resource") != held.get("resource"):
            return Answer(400, {"error": "invalid_target"})
        return Answer(body=self._granted(held))

    def _refreshed(self, form: Mapping[str, str]) -> Answer:
        held = self._refreshed_by.pop(form.get("refresh_token", ""), None)
        if held is None or held.get("client_id") != form.get("client_id"):
            return Answer(400, {"error": "invalid_grant"})
        return Answer(body=self._granted(held))

    def _granted(self, held: Mapping[str, str]) -> dict[str, object]:
        now = int(time.time())
        claims = {
            "iss": self.own["issuer"],
            "sub": "somebody",
            "aud": self.mcp,
            "client_id": held.get("client_id"),
            "scope": held.get("scope", ""),
            "iat": now,
            "exp": now + 600,
        }
        given: dict[str, object] = {
            "access_token": _signed(self.over("claims", claims), "at+jwt"),
            "token_type": "Bearer",
            "expires_in": 600,
            "scope": held.get("scope", ""),
        }
        refresh = secrets.token_urlsafe(24)
        self._refreshed_by[refresh] = held
        given["refresh_token"] = refresh
        if "openid" in held.get("scope", ""):
            about = {**claims, "aud": held.get("client_id"), "nonce": held.get("nonce")}
            given["id_token"] = _signed(self.over("id_claims", about), "JWT")
        return given

    def _mcp(self, asked: Asked) -> Answer:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._good(token):
            metadata = "{base}/.well-known/oauth-protected-resource/mcp"
            more = ', error="invalid_token"' if token else ""
            challenge = f'Bearer resource_metadata="{metadata}", scope="read"{more}'
            refusal = Answer(401, {"error": "unauthorized"}, headers=(("WWW-Authenticate", challenge),))
            return self.at("unaccepted" if token else "refusal", lambda: refusal)
        if self.odd.wants and self.odd.wants not in self._scopes(token):
            lacks = f'Bearer error="insufficient_scope", scope="{self.odd.wants}"'
            return Answer(403, {"error": "insufficient_scope"}, headers=(("WWW-Authenticate", lacks),))
        return self.at("accepted", lambda: self._spoken(asked.message))

    def _scopes(self, token: str) -> list[str]:
        claims = jwt.decode(token, options={"verify_signature": False})
        return str(claims.get("scope", "")).split()

    def _good(self, token: str) -> bool:
        with suppress(jwt.PyJWTError):
            jwt.decode(token, _key().public_key(), algorithms=["ES256"], audience=self.mcp)
            return True
        return False

    def _spoken(self, message: Mapping[str, Any]) -> Answer:
        results: dict[str, dict[str, object]] = {
            "server/discover": {
                "supportedVersions": ["2026-07-28"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "odd", "version": "1"},
            },
            "tools/list": {"tools": [{"name": "look", "inputSchema": {"type": "object"}}]},
            "tools/call": {"content": [{"type": "text", "text": "seen"}]},
        }
        result = results.get(str(message.get("method")))
        said = {"result": result} if result else {"error": {"code": -32601, "message": "Method not found"}}
        return Answer(200 if result else 404, {"jsonrpc": "2.0", "id": message.get("id"), **said})


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _signed(claims: Mapping[str, object], kind: str) -> str:
    return jwt.encode(dict(claims), _key(), algorithm="ES256", headers={"kid": "one", "typ": kind})


PLACES: Final = {
    ("127.0.0.1", "/mcp"): "mcp",
    ("127.0.0.1", "/.well-known/oauth-protected-resource/mcp"): "resource",
    ("127.0.0.1", "/.well-known/oauth-protected-resource"): "resource_root",
    ("127.0.0.1", "/elsewhere/resource"): "resource_elsewhere",
    ("localhost", "/.well-known/oauth-authorization-server"): "issuer",
    ("localhost", "/.well-known/openid-configuration"): "openid",
    ("localhost", "/register"): "register",
    ("localhost", "/authorize"): "authorize",
    ("localhost", "/device"): "device",
    ("localhost", "/token"): "token",
    ("localhost", "/keys"): "keys",
}


class _Handler(BaseHTTPRequestHandler):
    """One connection of either server."""

    protocol_version = "HTTP/1.1"
    odd: OddServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        host = (self.headers.get("host") or "").partition(":")[0]
        text = parts.query or body.decode("utf-8", "replace")
        message: Any = {}
        with suppress(ValueError):
            message = json.loads(body)
        asked = Asked(
            self.command,
            PLACES.get((host, parts.path), f"{host}{parts.path}"),
            {n.lower(): v for n, v in self.headers.items()},
            dict(parse_qsl(text)),
            message if isinstance(message, dict) else {},
        )
        self._reply(self.odd.answer(asked))

    def _reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.endless:
            self.close_connection = True
            self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(_CHUNK)
            return
        content = answer.content()
        if content:
            self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: what is asked holds codes."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is none of a test's business."""


@contextmanager
def served(odd: Odd) -> Iterator[OddServer]:
    """Both servers until the block ends."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    handler.odd = OddServer(odd, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield handler.odd
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
