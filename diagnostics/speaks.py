"""Is this an MCP server or a plain API? Asked with a GET: a POST to an API can create things (CONTRACT, TARGET)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.challenge import parse_challenges

from . import answers
from .mcp.messages import decode

if TYPE_CHECKING:
    from wizard.transport import Reply


def path_speaks_of_mcp(url: str) -> bool:
    """Whether the path names MCP or its legacy event stream."""
    return any(part in ("mcp", "sse") for part in urlsplit(url).path.lower().split("/"))


def speaks_of_mcp(url: str, reply: Reply) -> bool:
    """Whether the path, or the answer to a GET, is that of an MCP server."""
    if path_speaks_of_mcp(url):
        return True
    challenges = parse_challenges(reply.headers.get_all("www-authenticate"))
    if any(c.get("resource_metadata") for c in challenges):
        return True
    if answers.content_type(reply) == "text/event-stream" or reply.headers.get("mcp-session-id"):
        return True
    if decode(reply.body):
        return True
    allowed = (reply.headers.get("allow") or "").upper()
    return reply.status == 406 or (reply.status == 405 and "POST" in allowed)
