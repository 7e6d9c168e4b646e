"""A plain MCP server that takes one token, healthy as it stands: faults put something before it or into it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from servers.scripted import Asked, Reply, Scripted

from .world import World

RESULTS: Final[dict[str, dict[str, object]]] = {
    "initialize": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "shelf", "version": "2"},
    },
    "ping": {},
    "tools/list": {"tools": []},
}
Before = Callable[[Asked], Reply | None]
"""What answers in the server's place; None lets the request through."""


@dataclass
class McpSite:
    """``missing`` and ``invalid`` are the bodies of its refusals; ``headers`` go with each answer."""

    path: str
    token: str = field(default_factory=lambda: f"tok_{secrets.token_urlsafe(24)}")
    missing: object = field(default_factory=lambda: {"error": "unauthorized", "message": "Sign in first"})
    invalid: object = field(default_factory=lambda: {"error": "invalid_token", "message": "Token is unknown"})
    headers: tuple[tuple[str, str], ...] = ()

    def __call__(self, asked: Asked) -> Reply:
        """The answer of a good server."""
        base = f"http://{asked.headers.get('host', '')}"
        if asked.path == self.metadata:
            named = {"resource": f"{base}{self.path}", "authorization_servers": [base]}
            return Reply(200, named, headers=self.headers)
        if asked.path != self.path:
            return Reply(404, {"detail": "Not Found"}, headers=self.headers)
        return self.spoken(asked) if asked.bearer == self.token else self.refused(asked)

    @property
    def metadata(self) -> str:
        """The path of its resource metadata (RFC 9728)."""
        return f"/.well-known/oauth-protected-resource{self.path}"

    def refused(self, asked: Asked) -> Reply:
        """The answer to nobody, and to an unknown token."""
        error = ', error="invalid_token"' if asked.bearer else ""
        challenge = f'Bearer resource_metadata="http://{asked.headers.get("host", "")}{self.metadata}"{error}'
        body = self.invalid if asked.bearer else self.missing
        return Reply(401, body, headers=(("WWW-Authenticate", challenge), *self.headers))

    def spoken(self, asked: Asked) -> Reply:
        """The answer to somebody who was let in."""
        if asked.method != "POST":
            return Reply(405, {"detail": "Method Not Allowed"}, headers=(("Allow", "POST"), *self.headers))
        result = RESULTS.get(str(asked.message.get("method")))
        if result is None:
            error = {"code": -32601, "message": "Method not found"}
            return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id"), "error": error})
        said = {"jsonrpc": "2.0", "id": asked.message.get("id"), "result": result}
        return Reply(200, said, headers=self.headers)


def behind(world: World, before: Before, site: McpSite | None = None) -> tuple[Scripted, McpSite]:
    """The server with something before it."""
    held = site or McpSite(world.variant.path)

    def answering(asked: Asked) -> Reply:
        return before(asked) or held(asked)

    return world.serve(answering), held


def doctor(world: World, site: Scripted, held: McpSite, *more: str) -> tuple[str, ...]:
    """The command line with its good token, from a file that others may read."""
    return ("doctor", world.url(site), "--credential", world.readable(held.token), *more)
