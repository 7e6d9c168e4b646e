"""An authorization server and the MCP server behind it, healthy as they stand; what an odd one does otherwise is data.

The MCP server is `http://127.0.0.1:PORT/mcp` unless it is told otherwise, its authorization server
`http://localhost:PORT`: two origins.
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
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from servers.real import free_port
from servers.scripted import Asked as Request
from servers.scripted import Reply as Answer
from servers.scripted import scripted

KNOWN: Final = "known-client"
"""A public client that somebody registered by hand, with any port of 127.0.0.1/callback."""
SCOPES: Final = ("read", "write", "openid")
_DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"


Instead = Answer | None
"""None: as a healthy server answers."""


@dataclass(frozen=True)
class Odd:
    """What differs; an answer may hold {base}, {path}, {port}, {issuer}, {dead} (nobody listens there) and {free} (a
    free port). ``change`` are members laid over a JSON answer, over a login's way back (`authorize`) or over a token's
    claims (`claims`), by place; None takes one away. ``instead`` are whole answers by place, one after another,
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

    def __init__(
        self, odd: Odd, port: int, host: str = "127.0.0.1", issuer_host: str = "localhost", path: str = "/mcp"
    ) -> None:
        self.odd = odd
        self.asked: list[Asked] = []
        self.places = places(host, issuer_host, path)
        self.own = {
            "base": f"http://{host}:{port}",
            "path": path,
            "port": str(port),
            "issuer": f"http://{issuer_host}:{port}",
            "dead": f"http://127.0.0.1:{free_port()}",
            "free": str(free_port()),
        }
        self.mcp = f"{self.own['base']}{path}"
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
            "resource": "{base}{path}",
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

    def claims(self, **other: object) -> dict[str, object]:
        """Those of a good access token, with the ``other`` laid over them; None takes one away."""
        now = int(time.time())
        good: dict[str, object] = {
            "iss": self.own["issuer"],
            "sub": "somebody",
            "aud": self.mcp,
            "client_id": KNOWN,
            "scope": "read",
            "iat": now,
            "exp": now + 86400,
        }
        return {n: v for n, v in {**good, **other}.items() if v is not None}

    def issue(self, kind: str = "at+jwt", **other: object) -> str:
        """An access token of this server's own issuer; ``kind`` is its header's ``typ``."""
        return _signed(self.claims(**other), kind)

    def _granted(self, held: Mapping[str, str]) -> dict[str, object]:
        now = int(time.time())
        claims = self.claims(client_id=held.get("client_id"), scope=held.get("scope", ""), exp=now + 600)
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
            metadata = "{base}/.well-known/oauth-protected-resource{path}"
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


def places(host: str, issuer_host: str, path: str) -> dict[tuple[str, str], str]:
    """What is served where, by host and path."""
    known = "/.well-known"
    return {
        (host, path): "mcp",
        (host, f"{known}/oauth-protected-resource{path}"): "resource",
        (host, f"{known}/oauth-protected-resource"): "resource_root",
        (host, "/elsewhere/resource"): "resource_elsewhere",
        (issuer_host, f"{known}/oauth-authorization-server"): "issuer",
        (issuer_host, f"{known}/openid-configuration"): "openid",
        (issuer_host, "/register"): "register",
        (issuer_host, "/authorize"): "authorize",
        (issuer_host, "/device"): "device",
        (issuer_host, "/token"): "token",
        (issuer_host, "/keys"): "keys",
    }


@contextmanager
def served(odd: Odd, **where: str) -> Iterator[OddServer]:
    """Both servers until the block ends; ``where`` are `OddServer`'s host, issuer_host and path."""
    both: list[OddServer] = []

    def answering(request: Request) -> Answer:
        place = both[0].places.get((request.host, request.path), f"{request.host}{request.path}")
        return both[0].answer(Asked(request.method, place, request.headers, request.form, request.message))

    with scripted(answering) as site:
        both.append(OddServer(odd, site.port, **where))
        yield both[0]
