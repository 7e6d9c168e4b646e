"""GitHub Copilot CLI: `mcp-config.json` of a person, `.mcp.json` or `.github/mcp.json` of a project.

What it takes, replaces and sends was seen by running Copilot CLI 1.0.102, which needs no login for it. JSON with
comments; an entry that it does not take is left out without a word. Its own login: docs.github.com, "Adding MCP servers
for GitHub Copilot CLI"; the members for it are those that its own dialogue writes. Its terminal program was seen to
begin that login as soon as it is started, and again by `/mcp auth`, for all scopes that the server names.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, Final

from ...documents import JSONC, Form
from ...entries import RemotePlan, StdioPlan, slots
from ..model import INLINE, Job, Scope
from ..places import Places
from ..syntax import Syntax
from ..usual import Changes, Shape, UsualClient

_PROJECT: Final = (".mcp.json", ".github/mcp.json")


class CopilotCLI(UsualClient):
    """GitHub Copilot CLI."""

    id: ClassVar[str] = "copilot-cli"
    title: ClassVar[str] = "Copilot CLI"
    rank: ClassVar[int] = 5
    judge: ClassVar[str] = "run"
    form_of_file: ClassVar[Form] = JSONC
    programs: ClassVar[tuple[str, ...]] = ("copilot",)
    places: ClassVar[Places] = Places(
        own=("~/.copilot/mcp-config.json",), project=_PROJECT, variable="COPILOT_HOME"
    )
    shape: ClassVar[Shape] = Shape(
        http="http",
        sse="sse",
        stdio="local",
        reads={"streamable-http": "http", "stdio": "stdio"},
        always={"tools": ["*"]},
        off={"disabled": True},
        cwd="cwd",
    )
    syntax: ClassVar[Syntax] = Syntax(
        "${NAME}",
        re.compile(r"\$(?P<brace>\{)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?(brace)(?::-(?P<default>[^}]*))?\})"),
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((INLINE,), "$", "it holds a `$`, which begins a variable there"),
    )
    kept: ClassVar[frozenset[str]] = frozenset({"tools", "timeout", "disabled", "deferTools"})
    takes: ClassVar[tuple[type, ...]] = (str,)
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Ask a program for headers.", "The way `helper` goes through mcp-remote."),
        (
            "Use a project's servers before you trust the folder.",
            "Start `copilot` there once, and trust it.",
        ),
        ("Be told the scopes or the port of its own login.", "Use the way `helper`."),
    )
    logs_in: ClassVar[str] = (
        "Start `copilot`: log in in the browser that opens for {name}; `/mcp auth {name}` opens it again."
    )
    holds: ClassVar[tuple[str, str]] = ("approve", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (
            "Start `copilot` in this folder, and trust the folder when asked.",
            "Type `/mcp show`: {name} is there.",
        ),
        (
            "Start `copilot` again; one that runs now keeps its old list.",
            "Type `/mcp show`: {name} is there.",
        ),
    )

    def scopes(self) -> tuple[Scope, ...]:
        """The folder's files win over the person's own, and that over those of the folders around it up to the
        repository's (as it starts them; `copilot mcp list` says otherwise). Each entry is taken whole."""
        here, *around = _up(Path.cwd())
        own = self.own_files()[0]
        inner, outer = ([f / name for f in part for name in _PROJECT] for part in ((here,), around))
        held = [p for p in (*inner, own, *outer) if p.exists() or p in (self.path(True), own)]
        return tuple(Scope("user" if p == own else "workspace", p, CLIENT) for p in held)

    def stdio_value(self, job: Job, plan: StdioPlan) -> dict[str, object]:
        """Others read a project's file too, and know a program as `stdio`."""
        out = super().stdio_value(job, plan)
        return {**out, "type": "stdio"} if job.project else out

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own, which has no secret; without it, it registers itself."""
        own = plan.login.client_id if plan.login else ""
        return {"oauthClientId": own, "oauthPublicClient": True} if own else {}

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:
        """`copilot mcp add`, which writes the person's own file."""
        value = self.value(job)
        held = value.get("headers", value.get("env", {}))
        secret = job.how == INLINE and slots(job.plan)
        if project or secret or "oauthClientId" in value or not isinstance(held, dict):
            return ()
        add = ("copilot", "mcp", "add", job.plan.name)
        if "url" in value:
            more = [w for n, v in held.items() for w in ("--header", f"{n}: {v}")]
            return (*add, "--transport", str(value["type"]), *more, str(value["url"]))
        more = [w for n, v in held.items() for w in ("--env", f"{n}={v}")]
        args = value["args"]
        return (*add, *more, "--", str(value["command"]), *(args if isinstance(args, list) else ()))


def _up(folder: Path) -> list[Path]:
    """A folder and those above it up to that of its repository; it alone where it is in none."""
    found: list[Path] = []
    for one in (folder, *folder.parents):
        found.append(one)
        if (one / ".git").exists():
            return found
    return [folder]


CLIENT = CopilotCLI()
