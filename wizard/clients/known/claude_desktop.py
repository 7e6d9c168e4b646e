"""Claude Desktop: `claude_desktop_config.json`, strict JSON, programs only.

A remote server in that file is skipped (support.claude.com, "Getting started with custom connectors"): it goes by the
bridge. Nothing is expanded. It does not run here: the form is checked, and the bridge that it starts is run.
"""

from __future__ import annotations

from typing import ClassVar

from ..places import Places
from ..usual import Shape, UsualClient

_ACTS = (
    "Quit Claude Desktop whole (its menu, Quit; closing the window is not enough) and start it again.",
    "Open Settings, Developer: {name} is running.",
)


class ClaudeDesktop(UsualClient):
    """Claude Desktop."""

    id: ClassVar[str] = "claude-desktop"
    title: ClassVar[str] = "Claude Desktop"
    rank: ClassVar[int] = 2
    places: ClassVar[Places] = Places(own=("{apps}/Claude/claude_desktop_config.json",))
    shape: ClassVar[Shape] = Shape(urls=("serverUrl",))
    remote: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a remote server that its file names.", "Its entry goes through mcp-remote."),
        ("Refer to a variable.", "Use the way `helper`."),
    )
    logs_in: ClassVar[str] = "A browser opens for {name}: log in there; mcp-remote keeps it in ~/.mcp-auth."
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (_ACTS, _ACTS)


CLIENT = ClaudeDesktop()
