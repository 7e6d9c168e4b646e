"""A practice server like the Fleet MCP server: one shared token, kept in a file, and three ways to be refused.

The errors, the token's length and the file's form are those of the document "Quick Start: Fleet MCP
Authentication"; the agents are made up.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.paths import write_private
from wizard.secret import Secret

from .mcp_server import Endpoint
from .rpc import Core, McpTool, ToolAnswer
from .sites import FALSE, NONE, REAL, Answer, Site, Verdict, challenge, known

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

_AGENTS = (
    {"name": "scout", "status": "idle", "task": "Reads incoming reports"},
    {"name": "builder", "status": "working", "task": "Prepares the release"},
    {"name": "reviewer", "status": "idle", "task": "Reads what builder wrote"},
)
_NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


class FleetSite(Site):
    """``folder`` is where the token file is written; it is made 0700."""

    id = "fleet"

    def __init__(self, origin: str, closing: asyncio.Event, folder: Path) -> None:
        super().__init__(origin, closing)
        self._token = Secret(secrets.token_urlsafe(32))
        self.credentials["token"] = self._token
        self.token_file = folder / "auth_token"
        self._write(self._token)

    def judge(self, headers: Mapping[str, str]) -> Verdict:
        """The document's three refusals; the word Bearer is case-sensitive."""
        header = headers.get("authorization")
        if header is None:
            return Verdict(NONE, refusal=_refused("missing_token", ""))
        scheme, space, token = header.partition(" ")
        if scheme != "Bearer" or not space or not token or any(c.isspace() for c in token):
            return Verdict(FALSE, refusal=_refused("malformed_header", "invalid_request"))
        name = known({"token": self._token}, token)
        if not name:
            return Verdict(FALSE, refusal=_refused("invalid_token", "invalid_token"))
        return Verdict(REAL, credential=name, account="fleet")

    def false_credential(self) -> None:
        """A token of the right form that this server does not know, handed out and written to the file."""
        token = Secret(secrets.token_urlsafe(32))
        self.credentials["token"] = token
        self._write(token)

    def routes(self) -> list[BaseRoute]:
        """``/mcp``, and ``/`` as well, for the document's client configurations give the bare address."""
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        endpoint = Endpoint(Core("fleet-mcp", "practice", _TOOLS), self.closing)

        async def health(_: Request) -> Response:
            return JSONResponse({"status": "healthy"})

        async def list_agents(_: Request) -> Response:
            return JSONResponse({"agents": _AGENTS})

        methods = ["GET", "POST", "DELETE"]
        return [
            Route("/health", health),
            Route("/mcp/list_agents", list_agents),
            Route("/mcp", endpoint.streamable, methods=methods),
            Route("/", endpoint.streamable, methods=methods),
        ]

    def _write(self, token: Secret) -> None:
        if self.token_file is None:
            return
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        content = json.dumps({"value": token.reveal(), "created_at": created}, indent=2) + "\n"
        write_private(self.token_file, content.encode())
        self.token_file.parent.chmod(0o700)


def _refused(error: str, code: str) -> Answer:
    parameters = {"error": code} if code else {}
    return Answer(
        401,
        {"error": error, "error_description": "The access token is invalid or missing"},
        challenge("", **parameters),
    )


def _list_agents(_: Mapping[str, object]) -> ToolAnswer:
    return ToolAnswer(json.dumps({"agents": _AGENTS}))


def _get_agent(arguments: Mapping[str, object]) -> ToolAnswer:
    agent = next((a for a in _AGENTS if a["name"] == arguments.get("name")), None)
    return (
        ToolAnswer(json.dumps(agent)) if agent else ToolAnswer("There is no agent of that name.", failed=True)
    )


_TOOLS = (
    McpTool("list_agents", "List the agents of this fleet.", _list_agents),
    McpTool("get_agent", "Show one agent of this fleet.", _get_agent, _NAME),
)
