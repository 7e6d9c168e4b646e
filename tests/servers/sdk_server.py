"""The MCP SDK's own server. ``python sdk_server.py stdio`` or ``PORT http|sse``; the token comes in SERVER_TOKEN."""

from __future__ import annotations

import os
import sys

from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from pydantic import AnyHttpUrl


class Verifier:
    async def verify_token(self, token: str) -> AccessToken | None:
        if token != os.environ["SERVER_TOKEN"]:
            return None
        return AccessToken(token=token, client_id="tests", scopes=["read"])


def main() -> None:
    protected = sys.argv[1] != "stdio"
    base = AnyHttpUrl("http://127.0.0.1:9/")
    settings = AuthSettings(issuer_url=base, resource_server_url=base, required_scopes=["read"])
    server = MCPServer(
        "real-sdk",
        auth=settings if protected else None,
        token_verifier=Verifier() if protected else None,
        log_level="ERROR",
    )

    @server.tool()
    def echo(text: str) -> str:
        """Say it again."""
        return text

    @server.tool()
    def variable(name: str) -> str:
        """Whether a variable reached this server."""
        return "set" if os.environ.get(name) else "not set"

    if not protected:
        server.run("stdio")
    elif sys.argv[2] == "sse":
        server.run("sse", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))


main()
