"""Logins as other programs keep them, written by a test."""

from __future__ import annotations

import json
import time
from pathlib import Path

NOW = time.time()
LATER, PAST = int(NOW) + 3600, int(NOW) - 3600


def faos(home: Path, value: object) -> Path:
    """FAOS's cache with this in it: text as it stands, anything else as JSON."""
    path = home / ".faos" / "auth_cache.json"
    path.parent.mkdir(exist_ok=True)
    return _put(path, value)


def bridge(home: Path, name: str, value: object, folder: str = "mcp-remote-v1") -> Path:
    """A file of mcp-remote's."""
    path = home / ".mcp-auth" / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return _put(path, value)


def _put(path: Path, value: object) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    path.chmod(0o600)
    return path
