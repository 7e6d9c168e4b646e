"""Which address a login of mcp-remote is for: its files tell only a digest of it, so what we know of is digested too.

As mcp-remote 0.15.1 does (`getServerUrlHash`): MD5 of the address as it was typed, and of its headers where it was
given some, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from wizard.errors import AuthwizardError

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def key(address: str, headers: Mapping[str, str] = _NONE) -> str:
    """How the files for this address begin."""
    parts = [address]
    if headers:
        ordered = {name: headers[name] for name in sorted(headers)}
        parts.append(json.dumps(ordered, separators=(",", ":"), ensure_ascii=False))
    return hashlib.md5("|".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def addresses() -> dict[str, str]:
    """Every address that a saved connection or a client's entry names, by its key."""
    return {key(address, headers): address for address, headers in (*_connections(), *_entries())}


def _connections() -> Iterator[tuple[str, Mapping[str, str]]]:
    from wizard import connections

    try:
        for connection in connections.load_all():
            if address := connections.choice(connection).address:
                yield address, _NONE
    except AuthwizardError:
        return


def _entries() -> Iterator[tuple[str, Mapping[str, str]]]:
    from wizard import clients
    from wizard.clients import bridge

    for client in clients.every():
        for path in dict.fromkeys((client.path(True), client.path(False))):
            if path is None or not path.exists():
                continue
            try:
                read = [client.effective(path, name, os.environ)[0] for name in client.servers(path)]
            except (AuthwizardError, OSError):
                continue
            for entry in read:
                if (remote := bridge.read(entry, os.environ)) is not None:
                    yield remote.url, {n: v.reveal() for n, v in remote.headers.items()}
                    yield remote.url, _NONE
