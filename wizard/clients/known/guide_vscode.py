"""The gateway's document has `mcp.servers` in `~/.vscode/mcp.json`, which its Python programs read; VS Code reads
another file today."""

from __future__ import annotations

from typing import ClassVar

from ..guides import GuideClient
from ..places import Places


class GuideVSCode(GuideClient):
    """`{"mcp": {"servers": {NAME: {url, headers}}}}`."""

    id: ClassVar[str] = "guide-vscode"
    title: ClassVar[str] = "VS Code (as in the gateway's guide)"
    key: ClassVar[str] = "mcp.servers"
    within: ClassVar[tuple[str, ...]] = ("mcp", "servers")
    places: ClassVar[Places] = Places(own=("~/.vscode/mcp.json",))
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Be read by VS Code as it is today.", "Take the client `vscode`."),
    )


CLIENT = GuideVSCode()
