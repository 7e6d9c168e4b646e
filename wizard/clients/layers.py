"""A client that mixes the entries of one name over its files, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .usual import UsualClient


class Layered(UsualClient):
    """Such a client, where the files ``below`` (the winning one first) say more of an entry."""

    def __init__(self, below: tuple[Path, ...]) -> None:
        self.below = below

    def raw(self, path: Path, server: str) -> dict[str, Any]:
        """The entry of this file, over those of the others."""
        whole: dict[str, Any] = {}
        for other in reversed(self.below):
            found = self.servers(other).get(server) if other.exists() else None
            whole = over(found, whole) if isinstance(found, dict) else whole
        return over(super().raw(path, server), whole)


def over(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with the upper one's values; objects are merged in turn."""
    out = dict(lower)
    for name, value in upper.items():
        below = lower.get(name)
        out[name] = over(value, below) if isinstance(value, dict) and isinstance(below, dict) else value
    return out
