"""Fleet's document has a file for Claude Code, with the servers at its top; Claude Code reads another one today."""

from __future__ import annotations

from typing import ClassVar

from ..guides import GuideClient
from ..places import Places


class GuideClaudeCode(GuideClient):
    """`{NAME: {url, headers}}` in `~/.config/claude-code/mcp-servers.json`."""

    id: ClassVar[str] = "guide-claude-code"
    title: ClassVar[str] = "Claude Code (as in Fleet's guide)"
    within: ClassVar[tuple[str, ...]] = ()
    places: ClassVar[Places] = Places(own=("{config}/claude-code/mcp-servers.json",))
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Be read by Claude Code as it is today.", "Take the client `claude-code`."),
    )


CLIENT = GuideClaudeCode()
