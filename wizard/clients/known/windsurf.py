"""Windsurf: `mcp_config.json` below `~/.codeium`, strict JSON, none for a project.

A remote server stands under `serverUrl` (docs.windsurf.com/windsurf/cascade/mcp names `url` too, of which it is told
that it does not connect: newtalaria/docs agents/mcp/windsurf.md). `${env:NAME}` is replaced in command, args, env,
address and headers (the same page, "Config Interpolation"), and `${file:PATH}` (syllago.dev, "Windsurf: MCP Configs").
It does not run here: the form is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from ...entries import Reference
from ...errors import FileProblem
from ..base import read_file
from ..model import ENV, INLINE
from ..places import Places
from ..syntax import Expanding, Syntax
from ..usual import Changes, Shape, UsualClient

_FILE: Final = re.compile(r"(\$\{file:[^}]+\})")
_ACTS: Final = (
    "Open Cascade's MCP servers in Windsurf, and press the refresh button.",
    "{name} shows a green dot, and its tools.",
)


class Windsurf(UsualClient):
    """Windsurf."""

    id: ClassVar[str] = "windsurf"
    title: ClassVar[str] = "Windsurf"
    rank: ClassVar[int] = 6
    programs: ClassVar[tuple[str, ...]] = ("windsurf",)
    places: ClassVar[Places] = Places(own=("~/.codeium/windsurf/mcp_config.json",))
    shape: ClassVar[Shape] = Shape(url="serverUrl", urls=("url",), off={"disabled": True})
    syntax: ClassVar[Syntax] = Syntax("${env:NAME}", re.compile(r"\$\{env:(?P<name>[^}]+)\}"))
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"disabled", "disabledTools"})
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Keep servers in a project.", "They stand in your own file."),
        ("Use the JetBrains plugin's file.", "It is ~/.codeium/mcp_config.json: name it with --path."),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("See a variable of your shell when it is started from the desktop.", "Use the way `helper`."),
        ("Log in with a client id of your own.", "Use the way `helper`, which uses this login."),
    )
    logs_in: ClassVar[str] = "Open Cascade's MCP servers and choose {name}: log in in the browser that opens."
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = ((), _ACTS)
    holds: ClassVar[tuple[str, str]] = ("restart", "approve")

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """With what files give."""
        return _WithFiles(self.syntax, environ, path)


@dataclass(slots=True)
class _WithFiles(Expanding):
    """A reading that puts a file's content in place of `${file:PATH}`."""

    def text(self, place: str, text: str) -> str:
        """A text, part by part: nothing is replaced within what a file gave."""
        return "".join(
            self._content(place, part) if _FILE.fullmatch(part) else Expanding.text(self, place, part)
            for part in _FILE.split(text)
        )

    def _content(self, place: str, written: str) -> str:
        try:
            content = read_file(Path(written[len("${file:") : -1]).expanduser())
            text = None if content is None else content.decode()
        except (FileProblem, ValueError, RuntimeError):
            text = None
        self.seen.append(Reference(place, written, "unset" if text is None else "resolved"))
        return written if text is None else text


CLIENT = Windsurf()
