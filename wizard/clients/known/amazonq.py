"""Amazon Q Developer: the default agent of its IDE plugin where that file is, else the older `mcp.json`.

`mcpServers` with `"type": "http"` for a remote server, a program without one (aws/amazon-q-developer-cli
schemas/agent-v1.json @0765b94; docs.aws.amazon.com/amazonq/latest/qdeveloper-ug, "MCP configuration in the CLI").
`${env:NAME}` is replaced by the command line, in `env` alone, and an unset one becomes `${NAME}` (crates/chat-cli/src/
cli/chat/tools/custom_tool.rs @003cdad); nothing is said of the plugin, so that none is written. It does not run here:
the form is checked. Its successor is Kiro.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Final

from ..model import INLINE
from ..places import Places
from ..syntax import Syntax
from ..usual import Changes, Shape, UsualClient

_SHOWS: Final = "Type /mcp (the plugin: open its MCP servers): {name} is loaded, and shows its tools."


class AmazonQ(UsualClient):
    """Amazon Q Developer."""

    id: ClassVar[str] = "amazonq"
    title: ClassVar[str] = "Amazon Q Developer"
    rank: ClassVar[int] = 17
    programs: ClassVar[tuple[str, ...]] = ("q", "qchat")
    places: ClassVar[Places] = Places(
        own=("~/.aws/amazonq/agents/default.json", "~/.aws/amazonq/mcp.json"),
        project=(".amazonq/default.json", ".amazonq/mcp.json"),
    )
    shape: ClassVar[Shape] = Shape(
        http="http", sse=None, reads={"stdio": "stdio"}, untyped="", off={"disabled": True}
    )
    syntax: ClassVar[Syntax] = Syntax("", re.compile(r"\$\{env:(?P<name>[^}]+)\}"), places=("env",))
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((INLINE,), "${env:", "it holds `${env:`, which begins a variable there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"disabled", "timeout"})
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Refer to a variable in a header.", "Use the way `helper`."),
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        (
            "Let one file count for every agent.",
            "Name an agent's file (~/.aws/amazonq/cli-agents) with --path.",
        ),
        ("Log in with a client id of your own.", "Use the way `helper`, which uses this login."),
    )
    logs_in: ClassVar[str] = "Type /mcp, choose {name}, and open the address that it shows: log in there."
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        ("Start Amazon Q again.", _SHOWS),
        ("Start Amazon Q again.", _SHOWS),
    )

    def path(self, project: bool) -> Path | None:
        """The default agent's file where there is one: it has members of its own that a new one would lack."""
        folder = Path.cwd()
        agent, older = (folder / p for p in self.places.project) if project else self.own_files()
        return agent if agent.exists() else older


CLIENT = AmazonQ()
