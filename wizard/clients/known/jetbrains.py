"""JetBrains AI Assistant: no file that is documented, so that the entry is a text to paste into its settings.

Its dialog takes `mcpServers` as JSON: programs, and since 2025.2 an address with headers (jetbrains.com/help/
ai-assistant/mcp.html). Nothing is said of variables: none is written. It does not run here: the form is checked.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import ClassVar, Final

from .. import places
from ..places import Places
from ..usual import UsualClient

_FOLDER: Final = Places(own=("{apps}/JetBrains/options",))
_ACTS: Final = (
    "Open Settings, Tools, AI Assistant, Model Context Protocol (MCP), choose Add, then As JSON, paste it and apply.",
    "{name} shows as connected there.",
)


class JetBrains(UsualClient):
    """JetBrains AI Assistant."""

    id: ClassVar[str] = "jetbrains"
    title: ClassVar[str] = "JetBrains AI Assistant"
    rank: ClassVar[int] = 15
    programs: ClassVar[tuple[str, ...]] = (
        "idea",
        "pycharm",
        "webstorm",
        "goland",
        "rider",
        "clion",
        "phpstorm",
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Be written to: it has no documented file.", "Paste the text into its settings."),
        ("Refer to a variable.", "Use the way `helper`."),
        ("Ask a remote server before version 2025.2.", "The way `helper` goes through mcp-remote."),
    )
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (_ACTS, _ACTS)
    holds: ClassVar[tuple[str, str]] = ("approve", "approve")

    def found(self) -> bool:
        """Whether one of its programs, or their settings, are on this machine."""
        (options,) = places.own(_FOLDER, sys.platform, Path.home(), os.environ)
        return super().found() or options.parent.is_dir()


CLIENT = JetBrains()
