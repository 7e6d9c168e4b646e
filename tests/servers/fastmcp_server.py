"""A real FastMCP server: ``python fastmcp_server.py PORT static|jwt|jwt-metadata|open|sse``. Tokens and keys come in
variables; SERVER_LOG is a file for a line about each request."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from pathlib import Path

import jwt
from fastmcp import FastMCP
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.jwt import JWTVerifier, StaticTokenVerifier
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ByGroups:
    """Lets in whom the token counts to one of the groups; the token itself is verified behind it."""

    def __init__(self, app: ASGIApp, groups: list[str]) -> None:
        self.app, self.groups = app, frozenset(groups)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = Headers(scope=scope).get("authorization", "") if scope["type"] == "http" else ""
        token = sent.partition(" ")[2]
        if token.count(".") == 2:
            try:
                claims = jwt.decode(token, options={"verify_signature": False})
            except jwt.PyJWTError:
                claims = {"groups": list(self.groups)}
            if not self.groups & set(claims.get("groups", [])):
                says = {
                    "error": "access_denied",
                    "error_description": "none of your groups may use this server",
                }
                await JSONResponse(says, 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Heard:
    """Writes down what each request brought along, but never a credential itself."""

    def __init__(self, app: ASGIApp, log: str) -> None:
        self.app, self.log = app, Path(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self._write(scope, body)
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)

    def _write(self, scope: Scope, body: bytes) -> None:
        scheme, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
        told: dict[str, object] = {"http": scope["method"], "path": scope["path"], "scheme": scheme}
        with contextlib.suppress(ValueError, AttributeError):
            told["method"] = json.loads(body).get("method")
        if value:
            told["sha256"] = hashlib.sha256(value.encode()).hexdigest()
            with contextlib.suppress(jwt.PyJWTError):
                told["claims"] = jwt.decode(value, options={"verify_signature": False})
        with self.log.open("a", encoding="utf-8") as stream:
            stream.write(f"{json.dumps(told)}\n")


def main() -> None:
    port, kind = int(sys.argv[1]), sys.argv[2]
    auth = None
    if kind in ("static", "sse"):
        tokens = {os.environ["SERVER_TOKEN"]: {"client_id": "tests", "scopes": ["read"]}}
        auth = StaticTokenVerifier(tokens=tokens, required_scopes=["read"])
    elif kind.startswith("jwt"):
        auth = JWTVerifier(**json.loads(os.environ["SERVER_VERIFIER"]))
    if kind == "jwt-metadata":
        auth = RemoteAuthProvider(
            token_verifier=auth,
            authorization_servers=[os.environ["SERVER_ISSUER"]],
            base_url=f"http://127.0.0.1:{port}",
        )
    server = FastMCP(f"real-{kind}", auth=auth)

    @server.tool
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @server.tool
    def fail() -> str:
        """Fail."""
        raise ValueError("as asked")

    groups, log = os.environ.get("SERVER_GROUPS", "").split(), os.environ.get("SERVER_LOG", "")
    layers = [Middleware(Heard, log=log)] if log else []
    layers += [Middleware(ByGroups, groups=groups)] if groups else []
    server.run(
        middleware=layers or None,
        transport="sse" if kind == "sse" else "http",
        host="127.0.0.1",
        port=port,
        show_banner=False,
        log_level="ERROR",
    )


main()
