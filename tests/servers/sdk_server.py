"""The MCP SDK's own server. ``python sdk_server.py stdio`` or ``PORT http|sse``; the token comes in SERVER_TOKEN.

With SERVER_INTROSPECTION (JSON: ``issuer``, ``endpoint``, ``client_id``, ``client_secret``) it asks that issuer about
each token instead (RFC 7662), and names it in its metadata.
"""

from __future__ import annotations

import json
import os
import sys

import httpx
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from pydantic import AnyHttpUrl

ASKED = json.loads(os.environ.get("SERVER_INTROSPECTION", "{}"))


class Verifier:
    async def verify_token(self, token: str) -> AccessToken | None:
        if ASKED:
            return await self._introspected(token)
        if token != os.environ["SERVER_TOKEN"]:
            return None
        return AccessToken(token=token, client_id="tests", scopes=["read"])

    async def _introspected(self, token: str) -> AccessToken | None:
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                ASKED["endpoint"], data={"token": token}, auth=(ASKED["client_id"], ASKED["client_secret"])
            )
        said = answer.json()
        if answer.status_code != 200 or not said.get("active"):
            return None
        return AccessToken(token=token, client_id=said["client_id"], scopes=said.get("scope", "").split())


def main() -> None:
    protected = sys.argv[1] != "stdio"
    base = AnyHttpUrl("http://127.0.0.1:9/")
    if ASKED:
        own = AnyHttpUrl(f"http://127.0.0.1:{sys.argv[1]}/mcp")
        settings = AuthSettings(
            issuer_url=AnyHttpUrl(ASKED["issuer"]), resource_server_url=own, required_scopes=["read"]
        )
    else:
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
