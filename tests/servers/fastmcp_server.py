"""A real FastMCP server: ``python fastmcp_server.py PORT static|jwt|jwt-metadata|open|sse``. Tokens and keys come in
variables."""

from __future__ import annotations

import json
import os
import sys

from fastmcp import FastMCP
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.jwt import JWTVerifier, StaticTokenVerifier


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

    server.run(
        transport="sse" if kind == "sse" else "http",
        host="127.0.0.1",
        port=port,
        show_banner=False,
        log_level="ERROR",
    )


main()
