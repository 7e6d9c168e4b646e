r"""Roo Code: `mcp_settings.json` of its VS Code extension, and `.roo/mcp.json` of a project, which wins.

Strict JSON, the whole file against a schema (RooCodeInc/Roo-Code src/services/mcp/McpHub.ts @022b3b0). `${env:NAME}` is
replaced in the text of the entry, before that is parsed: a value's `\` becomes `/`, and a quote or a line break in it
breaks the entry (src/utils/config.ts @e7bd9ab). It does not run here: the form is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from ...entries import Entry
from ..exact import ExactClient
from ..model import ENV, INLINE
from ..places import Places
from ..syntax import Expanding, Syntax
from ..usual import Changes, Shape, UsualClient

_BREAKS: Final = re.compile(r'["\\\x00-\x1f]')
_WHOLE_PATH: Final = "\\\\?\\"
_ACT: Final = "Open Roo Code's MCP servers in VS Code: {name} shows a green dot, and its tools."


def _folder(path: Path) -> str:
    """The folder that is open: the file's project, else the working folder."""
    return (path.parent.parent if path.parent.name == ".roo" else Path.cwd()).as_posix()


class Roo(ExactClient):
    """Roo Code."""

    id: ClassVar[str] = "roo"
    title: ClassVar[str] = "Roo Code"
    rank: ClassVar[int] = 7
    places: ClassVar[Places] = Places(
        own=("{apps}/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",),
        project=(".roo/mcp.json",),
    )
    shape: ClassVar[Shape] = Shape(
        http="streamable-http", sse="sse", stdio="stdio", untyped="sse", off={"disabled": True}
    )
    syntax: ClassVar[Syntax] = Syntax(
        "${env:NAME}",
        re.compile(r"\$\{env:(?P<name>\w+)\}", re.ASCII),
        own={"workspaceFolder": _folder},
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable there"),
        Changes((ENV,), "\\", "it holds a `\\`, which becomes `/` there"),
        Changes((ENV,), '" \n \r \t', "it holds a quote or a line break, which breaks the entry there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset(
        {"disabled", "timeout", "alwaysAllow", "disabledTools", "watchPaths"}
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Log in by itself.", "Use the way `helper`, which uses this login."),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("Carry a secret with a quote, a `\\` or a line break in a variable.", "Use the way `helper`."),
        ("See a variable of your shell when VS Code is started from the desktop.", "Use the way `helper`."),
    )
    holds: ClassVar[tuple[str, str]] = ("now", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = ((_ACT,), (_ACT,))

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """With the values as it makes them; its own place is put in last, into them too."""
        folder = _folder(path)
        values = {n: _posix(v).replace("${workspaceFolder}", folder) for n, v in environ.items()}
        return Expanding(self.syntax, values, path)

    def entry(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Entry:
        """An entry of one kind, whose variables do not break it."""
        entry = super().entry(path, server, raw, met)
        for seen in met.seen:
            if _BREAKS.search(met.environ.get(seen.variable, "")):
                why = f"the value of {seen.variable} holds a quote, a `\\` or a line break, which breaks it"
                raise UsualClient.skipped(self, path, server, why, "Write it by another way than a variable.")
        return entry

    def kind(self, path: Path, server: str, raw: Mapping[str, Any]) -> str:
        """By its type; members of the other kind are refused."""
        kind = super().kind(path, server, raw)
        foreign = ("url", "headers") if kind == "stdio" or "url" not in raw else ("command", "args", "env")
        if found := [name for name in foreign if name in raw]:
            why = f"it has `{found[0]}`, which an entry of this kind may not have"
            raise self.skipped(path, server, why, f"Take `{found[0]}` out, or correct the type.")
        return kind

    def folder(self, path: Path) -> str | None:
        """A project's programs are started in the project."""
        return str(path.parent.parent) if path == self.path(True) else None


def _posix(value: str) -> str:
    """A value as it is put in place of its reference."""
    return value if value.startswith(_WHOLE_PATH) else value.replace("\\", "/")


CLIENT = Roo()
