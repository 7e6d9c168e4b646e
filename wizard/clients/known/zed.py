"""Zed: `context_servers` of its `settings.json`, JSON with comments, and of `.zed/settings.json` in a project.

An entry is a program (`command` a text), else a remote server (`url`), else an extension's settings; nothing tells the
kind, and nothing is expanded (zed-industries/zed crates/settings_content/src/project.rs @006ce51). Without a header
`Authorization` it logs in by itself. It does not run here: the form is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from ...documents import JSONC, Form
from ...entries import RemotePlan
from ..model import Job
from ..places import Places
from ..usual import Shape, UsualClient

_SHOWS: Final = "Open the Agent Panel's settings: {name} shows a green dot, and its tools."


class Zed(UsualClient):
    """Zed."""

    id: ClassVar[str] = "zed"
    title: ClassVar[str] = "Zed"
    rank: ClassVar[int] = 9
    key: ClassVar[str] = "context_servers"
    foreign_key: ClassVar[str] = "mcpServers"
    form_of_file: ClassVar[Form] = JSONC
    programs: ClassVar[tuple[str, ...]] = ("zed", "zeditor")
    places: ClassVar[Places] = Places(
        own=("{config}/zed/settings.json",),
        project=(".zed/settings.json",),
        other={"darwin": ("~/.config/zed/settings.json",), "win32": ("{apps}/Zed/settings.json",)},
    )
    shape: ClassVar[Shape] = Shape(sse=None, off={"enabled": False})
    kept: ClassVar[frozenset[str]] = frozenset({"enabled", "timeout", "remote", "source"})
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Refer to a variable.", "Use the way `helper`."),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Be told the scopes of its own login.", "Use the way `helper`."),
    )
    logs_in: ClassVar[str] = (
        "In the Agent Panel's settings choose Authenticate at {name}: log in in the browser that opens."
    )
    holds: ClassVar[tuple[str, str]] = ("approve", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        ("Open this folder in Zed, and trust it when asked.", _SHOWS),
        (_SHOWS,),
    )

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own; without it, it registers itself."""
        own = plan.login is not None and plan.login.client_id
        return {"oauth": {"client_id": own}} if own else {}

    def kind(self, path: Path, server: str, raw: Mapping[str, Any]) -> str:
        """A program first, an address second; the older form of a program is not read."""
        if isinstance(raw.get("command"), dict):
            fix = 'Write `"command": "program", "args": [...]`.'
            raise self.skipped(path, server, "its `command` is an object, as older versions wrote it", fix)
        return "stdio" if "command" in raw or "url" not in raw else "http"

    def folder(self, path: Path) -> str | None:
        """A project's programs are started in the project."""
        return str(path.parent.parent) if path == self.path(True) else None


CLIENT = Zed()
