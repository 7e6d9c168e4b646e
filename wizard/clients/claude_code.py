"""Claude Code: `.mcp.json` of a project, and `~/.claude.json` of a person, both strict JSON.

What it accepts, skips and expands was seen by running Claude Code 2.1.197.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ..entries import Entry, EntryPlan, OwnLogin, Reference, Remote, RemotePlan, Stdio, slots
from ..errors import UsageError
from ..livetest import Evidence
from . import addresses, programs, usual
from .base import (
    ENV,
    HELPER,
    INLINE,
    OAUTH,
    Job,
    JsonClient,
    Reading,
    shown_command,
    written,
)
from .refusing import refuse_characters, refuse_unsendable

_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_BRACED: Final = re.compile(r"\$\{([^}]+)\}")
# A bare $NAME counts only where it stands alone: within other text it may be a part of a secret.
_PLACEHOLDER: Final = re.compile(
    r"\$\{[^}]*\}|\{(?:env|file):[^}]+\}|(?<!\S)(?:\$[A-Z_][A-Z0-9_]+|%[A-Z_][A-Z0-9_]+%)(?!\S)"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HIDDEN: Final = re.compile(
    "TOKEN|SECRET|PASSWORD|PASSPHRASE|CRED|APIKEY|COOKIE|DSN|JWT|CONNECTION_STRING"
    "|(?:^|_)(?:KEYS?|AUTH|PASS|PASSWD|PWD|PAT)(?:_|$)",
    re.I,
)
"""Names of variables as Claude Code 2.1.330 was seen to take them out; a few that it lets through are among them."""
_REMOTE: Final = {"http": "http", "streamable-http": "http", "sse": "sse"}


class ClaudeCode(JsonClient):
    """Claude Code."""

    id: ClassVar[str] = "claude-code"
    title: ClassVar[str] = "Claude Code"
    logs_in: ClassVar[str] = (
        "Type `/mcp`, choose {name}, then Authenticate: log in in the browser that opens."
    )

    def found(self) -> bool:
        """Whether the program, or its config, is on this machine."""
        return shutil.which("claude") is not None or (Path.home() / ".claude.json").exists()

    def path(self, project: bool) -> Path | None:
        """`.mcp.json` in the working folder, or `~/.claude.json`."""
        return Path.cwd() / ".mcp.json" if project else Path.home() / ".claude.json"

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """Helper, a variable, inline. A plan without secrets needs no helper, and a helper gives headers alone."""
        return (HELPER, ENV, INLINE) if slots(plan) and not addresses.keyed(plan) else (ENV, INLINE)

    def check(self, job: Job) -> None:
        """Server names are letters, digits, - and _; a `$` in a secret is safe with the helper alone."""
        if not _NAME.fullmatch(job.plan.name):
            raise UsageError(
                "client-name",
                f"Claude Code does not take `{job.plan.name}` as a server's name.",
                "It takes letters, digits, - and _.",
                ["Choose another name with --name."],
            )
        refuse_unsendable(job, self.title)
        _refuse_hidden(job)
        if job.how in (ENV, INLINE):
            because = "it holds a `$`, and Claude Code expands `${...}` inside values too"
            refuse_characters(job, self.title, "$", because, "Use --secrets helper.")

    def value(self, job: Job) -> dict[str, object]:
        """`{type, url, headers | headersHelper}` or `{type, command, args, env}`."""
        plan = job.plan
        if isinstance(plan, RemotePlan):
            out: dict[str, object] = {"type": plan.transport, "url": self.address(job, "${NAME}")}
            if job.how == HELPER and slots(plan):
                out["headersHelper"] = programs.headers_command(job.connection)
            if job.how == OAUTH and plan.login is not None and (own := _own_login(plan.login)):
                out["oauth"] = own
            if "headersHelper" not in out and plan.headers:
                out["headers"] = {n: written(v, job, "${NAME}") for n, v in plan.headers.items()}
            return out
        return {"type": "stdio", **usual.program(job, lambda value: written(value, job, "${NAME}"))}

    def after(self, job: Job, project: bool) -> str:
        """A project's servers must be approved; a new variable needs a new shell."""
        new = job.how == ENV and any(s.field not in job.variables for s in slots(job.plan))
        return "new-shell" if new else "approve" if project else "now"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:
        """Approve it once, or start the program again."""
        if project:
            return (
                f"Start `claude` in this folder, trust the folder when asked, and approve {name}.",
                f"Type `/mcp`: {name} is connected.",
            )
        return (
            "Start `claude` again; one that runs now keeps its old list.",
            f"Type `/mcp`: {name} is connected.",
        )

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry with its variables expanded, twice, as Claude Code does; an unset one stays as written."""
        raw = self.raw(path, server)
        kind = str(raw.get("type", "stdio"))
        seen: list[Reference] = []

        def expand(place: str, text: str) -> str:
            return _expand(place, text, environ, seen)

        if kind in _REMOTE:
            remote = usual.read_remote(self, path, server, raw, expand)
            entry: Entry = replace(remote, transport=_REMOTE[kind])
        elif kind == "stdio":
            entry = self._stdio(path, server, raw, expand)
        else:
            why = f"it does not know the type `{kind}`"
            raise self.skipped(path, server, why, 'Write `"type": "http"` for a streamable HTTP server.')
        notes = [
            Evidence("client-config", f"Claude Code sends `{r.written}` in {r.place} as it stands.")
            for r in seen
            if r.state in ("unset", "literal")
        ]
        helper = raw.get("headersHelper")
        if isinstance(entry, Remote) and isinstance(helper, str) and helper:
            seen.append(Reference("headersHelper", shown_command(helper), "helper"))
        return Reading(entry, tuple(seen), tuple(notes))

    def _stdio(self, path: Path, server: str, raw: Mapping[str, Any], expand: usual.Expand) -> Stdio:
        if "url" in raw and not raw.get("command"):
            why = "it has no `command`, and without a `type` it is taken for a program to start"
            raise self.skipped(path, server, why, 'Add `"type": "http"` beside its `url`.')
        started = usual.read_program(self, path, server, raw, expand)
        return replace(started, cwd=str(path.parent) if path.name == ".mcp.json" else None)


def _own_login(login: OwnLogin) -> dict[str, object]:
    """Its member `oauth`: what it would not find out by itself."""
    client = {"clientId": login.client_id, "callbackPort": login.port} if login.client_id else {}
    return {**client, **({"scopes": " ".join(login.scopes)} if login.scopes else {})}


def _refuse_hidden(job: Job) -> None:
    """The helper of a project's file is started without the variables that sound like a secret; that of a person's own
    file gets them."""
    if not (job.how == HELPER and job.project and isinstance(job.plan, RemotePlan)):
        return
    hidden = sorted({name for name in job.variables.values() if _HIDDEN.search(name)})
    if hidden:
        raise UsageError(
            "variable-hidden-from-helper",
            f"Claude Code keeps {', '.join(hidden)} from a helper that a project's file names.",
            "The helper could not read the secret, and the server would be asked without it.",
            [
                "Keep the secret in a store: --store keyring (or file).",
                "Or write to your own file: leave --project out.",
                "Nothing was written.",
            ],
        )


def _expand(place: str, text: str, environ: Mapping[str, str], seen: list[Reference]) -> str:
    def value(match: re.Match[str]) -> str:
        name, has_default, default = match.group(1).partition(":-")
        return environ.get(name, default if has_default else match.group(0))

    for match in _PLACEHOLDER.finditer(text):
        written_ = match.group(0)
        braced = _BRACED.fullmatch(written_)
        name, has_default, default = braced.group(1).partition(":-") if braced else ("", "", "")
        if not braced or not _IDENTIFIER.fullmatch(name):
            seen.append(Reference(place, written_, "literal"))
        else:
            state = "resolved" if environ.get(name, default) else "empty"
            state = state if name in environ or has_default else "unset"
            shown = f"${{{name}:-…}}" if has_default else written_  # a default may be a secret
            seen.append(Reference(place, shown, state, name))
    # It expands a second time: a reference inside a variable's value is replaced too.
    return _BRACED.sub(value, _BRACED.sub(value, text))
