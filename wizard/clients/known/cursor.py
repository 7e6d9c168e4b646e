"""Cursor: `.cursor/mcp.json` of a project, and `~/.cursor/mcp.json` of a person.

Servers stand under `mcpServers`, without a type: the transport is told by `url` or `command`. `${env:NAME}` and a few
places are replaced in every text (cursor.com/docs/mcp). It does not run here: the form is checked, not the program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ...documents import JSONC, Form
from ...entries import RemotePlan, Stdio
from ..model import ENV, INLINE, Job
from ..places import Places
from ..syntax import Expanding, Syntax
from ..usual import Changes, UsualClient, with_env_file


def _project(path: Path) -> Path:
    return path.parent.parent


class Cursor(UsualClient):
    """Cursor."""

    id: ClassVar[str] = "cursor"
    title: ClassVar[str] = "Cursor"
    rank: ClassVar[int] = 3
    form_of_file: ClassVar[Form] = JSONC
    programs: ClassVar[tuple[str, ...]] = ("cursor", "cursor-agent")
    places: ClassVar[Places] = Places(own=("~/.cursor/mcp.json",), project=(".cursor/mcp.json",))
    syntax: ClassVar[Syntax] = Syntax(
        "${env:NAME}",
        re.compile(r"\$\{env:(?P<name>[^}]*)\}"),
        own={
            "userHome": lambda _: str(Path.home()),
            "workspaceFolder": lambda path: str(_project(path)),
            "workspaceFolderBasename": lambda path: _project(path).name,
            "pathSeparator": lambda _: os.sep,
            "/": lambda _: os.sep,
        },
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable there"),
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        ("See a variable of your shell when it is started from the desktop.", "Use the way `helper`."),
    )
    logs_in: ClassVar[str] = (
        "In Settings, Tools & MCP, choose Login at {name}: log in in the browser that opens."
    )
    holds: ClassVar[tuple[str, str]] = ("approve", "restart")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (
            "Open this folder in Cursor, open Settings, Tools & MCP, and switch {name} on.",
            "{name} shows a green dot, and its tools.",
        ),
        (
            "Start Cursor again, open Settings, Tools & MCP, and switch {name} on.",
            "{name} shows a green dot, and its tools.",
        ),
    )

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own, and the scopes; without them it registers itself."""
        if plan.login is None or not plan.login.client_id:
            return {}
        scopes = {"scopes": list(plan.login.scopes)} if plan.login.scopes else {}
        return {"auth": {"CLIENT_ID": plan.login.client_id, **scopes}}

    def read_stdio(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Stdio:
        """With the variables of its `envFile`."""
        return with_env_file(super().read_stdio(path, server, raw, met), raw, met)

    def folder(self, path: Path) -> str | None:
        """A project's programs are started in the project."""
        return str(_project(path)) if path == self.path(True) else None


CLIENT = Cursor()
