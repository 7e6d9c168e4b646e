"""Connections that a test keeps, and where a secret was left behind."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from wizard import connections
from wizard.connections import Connection
from wizard.secret import Secret


def keep(
    name: str, service: str, method: str, source: str, *, field: str = "token", **more: object
) -> Connection:
    """Save a connection to ``service`` whose secret stands at ``source``; ``more`` are other parts of it."""
    given = {"environment": "practice", "secrets": {field: source}, **more}
    return connections.save(Connection(name, service, method=method, **given))  # type: ignore[arg-type]  # its own parts


def found_in(needles: Sequence[str], place: Path, *texts: str, but: tuple[str, ...] = ()) -> list[str]:
    """Every file and text that holds one of the secrets, but the files whose path holds one of ``but``."""
    found = [f"text {n}" for n, text in enumerate(texts) if any(needle in text for needle in needles)]
    for folder, _, names in os.walk(place):
        for path in (Path(folder) / name for name in names):
            if any(part in str(path) for part in but) or not stat.S_ISREG(path.stat().st_mode):
                continue
            content = path.read_bytes()
            found += [str(path) for needle in needles if needle.encode() in content]
    return found


def where_found(secret: Secret, place: Path, *texts: str) -> list[str]:
    """Every file and text that holds the secret: it should be found nowhere but in its own file."""
    return found_in([secret.reveal()], place, *texts)
