"""Cursor: `.cursor/mcp.json` of a project, and `~/.cursor/mcp.json` of a person.

Servers stand under `mcpServers`, without a type: the transport is told by `url` or `command`. `${env:NAME}` and a few
places are replaced in every text (cursor.com/docs/mcp). It does not run here: the form is checked, not the program.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from ..documents import JSONC, Form
from ..entries import Entry, EntryPlan, Reference, RemotePlan, slots
from ..livetest import Evidence
from . import bridge, usual
from .base import (
    ENV,
    HELPER,
    INLINE,
    OAUTH,
    Job,
    JsonClient,
    Reading,
    written,
)
from .refusing import refuse_characters, refuse_unsendable

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")


class Cursor(JsonClient):
    """Cursor."""

    id: ClassVar[str] = "cursor"
    title: ClassVar[str] = "Cursor"
    form_of_file: ClassVar[Form] = JSONC
    logs_in: ClassVar[str] = (
        "In Settings, Tools & MCP, choose Login at {name}: log in in the browser that opens."
    )

    def found(self) -> bool:
        """Whether the program, or its config, is on this machine."""
        programs_ = ("cursor", "cursor-agent")
        return any(shutil.which(p) for p in programs_) or (Path.home() / ".cursor").is_dir()

    def path(self, project: bool) -> Path | None:
        """`mcp.json` in the folder `.cursor` of the working folder, or of the home."""
        return (Path.cwd() if project else Path.home()) / ".cursor" / "mcp.json"

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """What it starts brings its environment itself, by the bridge for a remote server; a variable; inline."""
        if not slots(plan):
            return (ENV, INLINE)
        return (HELPER, ENV, INLINE) if bridge.can(plan) else (ENV, INLINE)

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:
        """It has no helper for headers: a remote server's secret comes by the bridge."""
        return bridge.plan(plan) if isinstance(plan, RemotePlan) and how == HELPER and slots(plan) else plan

    def check(self, job: Job) -> None:
        """`${` in a secret would be taken for one of Cursor's own variables."""
        refuse_unsendable(job, self.title)
        bridge.check(job)
        if job.how in (ENV, INLINE):
            because = "it holds `${`, which begins a variable there"
            refuse_characters(job, self.title, "${", because, f"Use --secrets {HELPER}.")

    def value(self, job: Job) -> dict[str, object]:
        """`{url, headers}` or `{command, args, env}`."""
        plan = job.plan
        if isinstance(plan, RemotePlan):
            out: dict[str, object] = {"url": self.address(job, "${env:NAME}")}
            if plan.headers:
                out["headers"] = {n: written(v, job, "${env:NAME}") for n, v in plan.headers.items()}
            if job.how == OAUTH and plan.login is not None and plan.login.client_id:
                scopes = {"scopes": list(plan.login.scopes)} if plan.login.scopes else {}
                out["auth"] = {"CLIENT_ID": plan.login.client_id, **scopes}
            return out
        return usual.program(job, lambda value: written(value, job, "${env:NAME}"))

    def after(self, job: Job, project: bool) -> str:
        """A new variable is seen by a program that is started after it; a project's servers are approved."""
        new = job.how == ENV and any(s.field not in job.variables for s in slots(job.plan))
        return "restart" if new else "approve" if project else "restart"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:
        """Switch it on in the settings."""
        where = "Open this folder in Cursor" if project else "Start Cursor again"
        return (
            f"{where}, open Settings, Tools & MCP, and switch {name} on.",
            f"{name} shows a green dot, and its tools.",
        )

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry with `${env:NAME}` and the places that Cursor knows replaced; an unset one stays as written."""
        raw = self.raw(path, server)
        seen: list[Reference] = []

        def expand(place: str, text: str) -> str:
            return _PLACEHOLDER.sub(lambda m: _replace(place, m, environ, path, seen), text)

        url = raw.get("url")
        if isinstance(url, str) and url:
            entry: Entry = usual.read_remote(self, path, server, raw, expand)
        else:
            folder = str(path.parent.parent) if path == self.path(True) else None
            started = usual.read_program(self, path, server, raw, expand)
            entry = replace(started, env={**usual.env_file(raw, expand), **started.env}, cwd=folder)
        says = {"unset": "finds no value for", "literal": "does not replace"}
        notes = [
            Evidence("client-config", f"Cursor {says[r.state]} `{r.written}` in {r.place}.")
            for r in seen
            if r.state in says
        ]
        return Reading(entry, tuple(seen), tuple(notes))


def _replace(
    place: str, match: re.Match[str], environ: Mapping[str, str], path: Path, seen: list[Reference]
) -> str:
    whole, (kind, colon, name) = match.group(0), match.group(1).partition(":")
    folder = path.parent.parent
    own = {
        "userHome": str(Path.home()),
        "workspaceFolder": str(folder),
        "workspaceFolderBasename": folder.name,
        "pathSeparator": os.sep,
        "/": os.sep,
    }
    if kind == "env" and colon:
        state = ("resolved" if environ[name] else "empty") if name in environ else "unset"
        seen.append(Reference(place, whole, state, name))
        return environ.get(name, whole)
    if not colon and kind in own:
        return own[kind]
    seen.append(Reference(place, whole, "literal"))
    return whole
