"""Where a client looks for its servers, the one that wins first: of entries of one name it uses that alone.

Claude Code: local (of this folder, in ``~/.claude.json``), then project, then user
(code.claude.com/docs/en/mcp, "Scope hierarchy and precedence").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .base import Client, read_file
from .claude_code import ClaudeCode


@dataclass(frozen=True, slots=True)
class Scope:
    """One place: ``title`` is the client's own word for it, ``client`` reads its file."""

    title: str
    path: Path
    client: Client


class LocalScope(ClaudeCode):
    """Claude Code's entries of one folder, which stand in the person's own file."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries of this folder by name."""
        content = read_file(path)
        if content is None:
            return {}
        found: Any = self.document(content, str(path)).value
        for key in ("projects", self.folder, self.key):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def of(client: Client) -> tuple[Scope, ...]:
    """The client's places, the one that wins first."""
    found = [Scope(title, path, client) for title, path in _places(client) if path is not None]
    own = client.path(False)
    if isinstance(client, ClaudeCode) and own is not None:
        return (Scope("local", own, LocalScope(Path.cwd())), *found)
    return tuple(found)


def _places(client: Client) -> tuple[tuple[str, Path | None], ...]:
    project, own = client.path(True), client.path(False)
    return (("project", project), ("user", own)) if project != own else (("user", own),)
