"""Claude Code: `.mcp.json` of a project, and `~/.claude.json` of a person, both strict JSON.

What it accepts, skips and expands was seen by running Claude Code 2.1.197.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from ...entries import EntryPlan, OwnLogin, RemotePlan, slots
from ..base import read_file
from ..model import ENV, HELPER, INLINE, Job, Scope
from ..places import Places
from ..refusing import hidden
from ..syntax import Syntax
from ..usual import Changes, Shape, UsualClient

_HIDDEN: Final = re.compile(
    "TOKEN|SECRET|PASSWORD|PASSPHRASE|CRED|APIKEY|COOKIE|DSN|JWT|CONNECTION_STRING"
    "|(?:^|_)(?:KEYS?|AUTH|PASS|PASSWD|PWD|PAT)(?:_|$)",
    re.I,
)
"""Names of variables as Claude Code 2.1.330 was seen to take them out; a few that it lets through are among them."""


_PROJECT: Final = ".mcp.json"


class ClaudeCode(UsualClient):
    """Claude Code."""

    id: ClassVar[str] = "claude-code"
    title: ClassVar[str] = "Claude Code"
    rank: ClassVar[int] = 1
    judge: ClassVar[str] = "run"
    programs: ClassVar[tuple[str, ...]] = ("claude",)
    places: ClassVar[Places] = Places(own=("~/.claude.json",), project=(_PROJECT,))
    shape: ClassVar[Shape] = Shape(
        http="http",
        sse="sse",
        stdio="stdio",
        reads={"streamable-http": "http"},
        untyped="",
        helper="headersHelper",
    )
    # It expands a second time: a reference inside a variable's value is replaced too.
    syntax: ClassVar[Syntax] = Syntax(
        "${NAME}",
        re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"),
        passes=2,
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "$", "it holds a `$`, and Claude Code expands `${...}` inside values too"),
    )
    names: ClassVar[re.Pattern[str]] = re.compile(r"[A-Za-z0-9_-]+")
    names_say: ClassVar[str] = "letters, digits, - and _"
    # what other programs that read the same `.mcp.json` want there; Claude Code passes it over
    kept: ClassVar[frozenset[str]] = frozenset(["tools", "timeout", "disabled"])
    desktop: ClassVar[bool] = False
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Use a project's servers before you have approved them.", "Start `claude` in the folder once."),
        (
            "Pass variables that sound like a secret to a helper that a project's file names.",
            "Keep the secret in a store, or write to your own file.",
        ),
    )
    logs_in: ClassVar[str] = (
        "Type `/mcp`, choose {name}, then Authenticate (or run `claude mcp login {name}`): "
        "log in in the browser that opens."
    )
    holds: ClassVar[tuple[str, str]] = ("approve", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (
            "Start `claude` in this folder, trust the folder when asked, and approve {name}.",
            "Type `/mcp`: {name} is connected.",
        ),
        (
            "Start `claude` again; one that runs now keeps its old list.",
            "Type `/mcp`: {name} is connected.",
        ),
    )

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """Its own helper gives headers alone, and it needs no bridge."""
        helped = not isinstance(plan, RemotePlan) or self.helps(plan)
        return (HELPER, ENV, INLINE) if slots(plan) and helped else (ENV, INLINE)

    def check(self, job: Job) -> None:
        """A project's helper does not get every variable."""
        super().check(job)
        _refuse_hidden(job)

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """Its member `oauth`: what it would not find out by itself."""
        own = _own_login(plan.login) if plan.login is not None else {}
        return {"oauth": own} if own else {}

    def folder(self, path: Path) -> str | None:
        """A project's programs are started in the project."""
        return str(path.parent) if path.name == _PROJECT else None

    def scopes(self) -> tuple[Scope, ...]:
        """Local (of this folder, in the person's file), then project, then user (code.claude.com/docs/en/mcp, "Scope
        hierarchy and precedence")."""
        own = self.own_files()[0]
        return (Scope("local", own, LocalScope(Path.cwd())), *super().scopes())

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:
        """`claude mcp add-json`, which takes the entry as it stands in the file; never with the secret in it."""
        if job.how == INLINE and slots(job.plan):
            return ()
        scope = "project" if project else "user"
        text = json.dumps(self.value(job), ensure_ascii=False)
        return ("claude", "mcp", "add-json", "-s", scope, job.plan.name, text)


class LocalScope(ClaudeCode):
    """Claude Code's entries of one folder, which stand in the person's own file."""

    def __init__(self, folder: Path) -> None:
        self.project = str(folder)

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries of this folder by name."""
        content = read_file(path)
        if content is None:
            return {}
        found: Any = self.document(content, str(path)).value
        for key in ("projects", self.project, self.key):
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def _own_login(login: OwnLogin) -> dict[str, object]:
    """Its member `oauth`: what it would not find out by itself."""
    client = {"clientId": login.client_id, "callbackPort": login.port} if login.client_id else {}
    return {**client, **({"scopes": " ".join(login.scopes)} if login.scopes else {})}


def _refuse_hidden(job: Job) -> None:
    """The helper of a project's file is started without the variables that sound like a secret; that of a person's own
    file gets them."""
    if not (job.how == HELPER and job.project and isinstance(job.plan, RemotePlan)):
        return
    names = {name for name in job.variables.values() if _HIDDEN.search(name)}
    if names:
        whom, instead = (
            "a helper that a project's file names",
            "Or write to your own file: leave --project out.",
        )
        raise hidden(names, "Claude Code", whom, instead)


CLIENT = ClaudeCode()
