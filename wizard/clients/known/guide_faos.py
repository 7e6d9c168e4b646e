"""FAOS's document shows its entry under `servers`, without a file's name: text to copy, or with --path a file of it."""

from __future__ import annotations

from typing import ClassVar

from ..guides import GuideClient


class GuideFaos(GuideClient):
    """`{"servers": {NAME: …}}`."""

    id: ClassVar[str] = "guide-faos"
    title: ClassVar[str] = "servers JSON (as in FAOS's guide)"
    key: ClassVar[str] = "servers"
    foreign_key: ClassVar[str] = "mcpServers"
    within: ClassVar[tuple[str, ...]] = ("servers",)
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Be read by Claude Desktop, Cursor or Claude Code.", "Take that client: it gets its own form."),
    )


CLIENT = GuideFaos()
