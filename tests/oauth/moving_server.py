"""An MCP server that can name another authorization server from one moment to the next, and two that it can name.

Each runs on a loopback port of its own, so that each is an origin of its own. ``asked`` is what reached them.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

METADATA = "/.well-known/oauth-protected-resource/mcp"
Answer = tuple[int, dict[str, str], Any]


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Origin:
    """``answers`` gives the answer to a method, a path and a form."""

    answers: Callable[[str, Asked], Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    def heard(self, what: str) -> bool:
        """Whether this stood in any request, in whatever place."""
        return any(what in json.dumps([a.path, a.headers, a.form]) for a in self.asked)


@dataclass
class Moving:
    """``named`` is the authorization server that the MCP server names now; it takes ``good`` tokens alone, and asks for
    ``scope`` by its challenge. ``client`` is the id that the issuers register, ``gives`` what their answers hold
    besides a token, or in its place. ``slash`` is what the issuers' own name ends with; a ``silent`` one publishes
    nothing, and gives its tokens itself."""

    named: str = ""
    good: set[str] = field(default_factory=set)
    client: str = "registered"
    scope: str = ""
    slash: str = ""
    silent: bool = False
    gives: dict[str, Any] = field(default_factory=lambda: {"expires_in": 3600})
    before_refusal: Callable[[], None] = lambda: None
    server: Origin = field(init=False)
    first: Origin = field(init=False)
    second: Origin = field(init=False)

    @property
    def mcp(self) -> str:
        return f"{self.server.url}/mcp"

    def issuer(self, method: str, asked: Asked, own: Origin) -> Answer:
        path = urlsplit(asked.path).path
        if path == "/.well-known/oauth-authorization-server":
            methods = ["none", "client_secret_basic"]
            return 200, {}, {
                "issuer": own.url + self.slash,
                **{f"{n}_endpoint": f"{own.url}/{n}" for n in ("authorization", "token", "registration")},
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": methods,
            }  # fmt: skip
        if path == "/registration":
            return 201, {}, {"client_id": self.client}
        if path == "/authorization":
            query = dict(parse_qsl(urlsplit(asked.path).query))
            back = urlencode({"code": secrets.token_hex(8), "state": query["state"]})
            return 302, {"Location": f"{query['redirect_uri']}?{back}"}, ""
        if path == "/token" and method == "POST":
            token = secrets.token_urlsafe(16)
            if own is self.first:
                self.good.add(token)
            return 200, {}, {"access_token": token, "token_type": "Bearer", **self.gives}
        return 404, {}, ""

    def resource(self, method: str, asked: Asked) -> Answer:
        if self.silent and asked.path != "/mcp":
            # revision 2025-03-26: nothing is published, and the server's own origin gives the tokens
            path = asked.path.replace("/authorize", "/authorization").replace("/register", "/registration")
            known = path.startswith(("/authorization", "/token", "/registration"))
            return self.issuer(method, replace(asked, path=path), self.first) if known else (404, {}, "")
        if asked.path == METADATA:
            return 200, {}, {"resource": self.mcp, "authorization_servers": [self.named]}
        if asked.path != "/mcp":
            return 404, {}, ""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.good:
            if token:
                self.before_refusal()
            scope = f', scope="{self.scope}"' if self.scope else ""
            if self.silent:
                return 401, {"WWW-Authenticate": "Bearer"}, {}
            told = f'Bearer resource_metadata="{self.server.url}{METADATA}"{scope}'
            return 401, {"WWW-Authenticate": told}, {}
        if method != "POST":
            return 405, {}, ""
        message = asked.form
        if "id" not in message:
            return 202, {}, ""
        wanted = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                  "serverInfo": {"name": "moving", "version": "1"}}  # fmt: skip
        result = wanted if message["method"] == "initialize" else {"tools": []}
        return 200, {}, {"jsonrpc": "2.0", "id": message["id"], "result": result}


@contextmanager
def _served(origin: Origin) -> Iterator[Origin]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is said."""

        def _any(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
            asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, form)
            origin.asked.append(asked)
            status, headers, body = origin.answers(self.command, asked)
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            kind = {} if isinstance(body, str) else {"Content-Type": "application/json"}
            for name, value in {**kind, **headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815  the library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    origin.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def moving() -> Iterator[Moving]:
    """The three of them; the server names the first issuer."""
    made = Moving()
    made.server = Origin(made.resource)
    made.first = Origin(lambda method, asked: made.issuer(method, asked, made.first))
    made.second = Origin(lambda method, asked: made.issuer(method, asked, made.second))
    with _served(made.server), _served(made.first), _served(made.second):
        made.named = made.first.url
        yield made
