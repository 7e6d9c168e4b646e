"""The MCP clients whose configs are written and read, one module each."""

from __future__ import annotations

from ..errors import UsageError
from ..names import near
from .base import Client, JsonClient
from .claude_code import ClaudeCode
from .claude_desktop import ClaudeDesktop
from .curl import Curl
from .cursor import Cursor
from .env import EnvFile
from .gateway import Gateway
from .vscode import VSCode

_CLIENTS: tuple[Client, ...] = (
    ClaudeCode(),
    ClaudeDesktop(),
    Cursor(),
    VSCode(),
    Gateway(),
    Curl(),
    EnvFile(),
)


def every() -> tuple[Client, ...]:
    """All clients, in the order in which they are offered."""
    return _CLIENTS


def offered() -> tuple[Client, ...]:
    """All clients, those that are found on this machine first."""
    return tuple(sorted(_CLIENTS, key=lambda client: not client.found()))


def speaks_mcp(id: str) -> bool:
    """Whether it is an MCP client: one with tools, to which a person types."""
    return isinstance(get(id), JsonClient)


def get(id: str) -> Client:
    """The client with this id.

    Raises:
        UsageError: ``unknown-client``; the message names those that there are.
    """
    for client in _CLIENTS:
        if client.id == id:
            return client
    known = [c.id for c in _CLIENTS]
    says = f"{near(id, known)} Known: {', '.join(known)}.".strip()
    raise UsageError("unknown-client", f"There is no client `{id}`.", says, ["Choose one of them."])
