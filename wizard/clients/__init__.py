"""The MCP clients whose configs are written and read, one module each in `known`."""

from __future__ import annotations

import importlib.util
import keyword
import pkgutil
from functools import cache

from ..errors import UsageError
from ..names import near
from . import known
from .model import Client


@cache
def every() -> tuple[Client, ...]:
    """All clients, in the order in which they are offered."""
    found = [_module(module.name) for module in pkgutil.iter_modules(known.__path__)]
    return tuple(sorted(found, key=lambda client: (client.rank, client.title)))


def offered() -> tuple[Client, ...]:
    """All clients, those that are found on this machine first."""
    return tuple(sorted(every(), key=lambda client: not client.found()))


def speaks_mcp(id: str) -> bool:
    """Whether it is an MCP client: one with tools, to which a person types."""
    return get(id).mcp


def get(id: str) -> Client:
    """The client with this id.

    Raises:
        UsageError: ``unknown-client``; the message names those that there are.
    """
    name = id.replace("-", "_") + ("_" if keyword.iskeyword(id) else "")
    if (
        id.replace("-", "").isalnum()
        and id.islower()
        and importlib.util.find_spec(f"{known.__name__}.{name}")
    ):
        return _module(name)
    ids = [c.id for c in every()]
    says = f"{near(id, ids)} Known: {', '.join(ids)}.".strip()
    raise UsageError("unknown-client", f"There is no client `{id}`.", says, ["Choose one of them."])


@cache
def _module(name: str) -> Client:
    client: Client = importlib.import_module(f".{name}", known.__name__).CLIENT
    return client
