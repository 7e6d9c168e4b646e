"""VS Code (Copilot): `.vscode/mcp.json` of a workspace, and `mcp.json` of the person's profile.

JSON with comments; servers under `servers`, prompts under `inputs` (microsoft/vscode-docs,
docs/copilot/reference/mcp-configuration.md).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ..documents import JSONC, Document, Form
from ..entries import Entry, EntryPlan, Reference, RemotePlan, Slot, Value, fill, slots
from ..livetest import Evidence
from ..secret import Secret
from . import addresses, bridge, usual
from .base import (
    ENV,
    HELPER,
    INLINE,
    OAUTH,
    PROMPT,
    Edit,
    Job,
    JsonClient,
    Reading,
    read_file,
)
from .refusing import refuse_characters, refuse_unsendable

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")
_OURS: Final = "asked by authwizard's entry"
_ASKS: Final = re.compile(rf"(?P<field>.+) of (?P<connection>[A-Za-z0-9_-]+), {re.escape(_OURS)}")


def user_folder(platform: str, home: Path, environ: Mapping[str, str]) -> Path:
    """VS Code's `User` folder on ``linux``, ``darwin`` or ``win32``."""
    if platform == "win32":
        appdata = environ.get("APPDATA")
        return (Path(appdata) if appdata else home / "AppData" / "Roaming") / "Code" / "User"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "Code" / "User"
    config = environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else home / ".config") / "Code" / "User"


class VSCode(JsonClient):
    """VS Code."""

    id: ClassVar[str] = "vscode"
    title: ClassVar[str] = "VS Code"
    key: ClassVar[str] = "servers"
    form_of_file: ClassVar[Form] = JSONC
    foreign_key: ClassVar[str] = "mcpServers"
    logs_in: ClassVar[str] = "Allow the login when VS Code asks for {name}: log in in the browser that opens."

    def found(self) -> bool:
        """Whether the program, or its profile, is on this machine."""
        return shutil.which("code") is not None or self._folder().is_dir()

    def path(self, project: bool) -> Path | None:
        """`.vscode/mcp.json` in the working folder, or `mcp.json` of the default profile."""
        return Path.cwd() / ".vscode" / "mcp.json" if project else self._folder() / "mcp.json"

    @staticmethod
    def _folder() -> Path:
        return user_folder(sys.platform, Path.home(), os.environ)

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """A helper for what it starts, its own prompt, a variable, inline."""
        if not slots(plan):
            return (ENV, INLINE)
        if not isinstance(plan, RemotePlan):
            return (HELPER, PROMPT, ENV, INLINE)
        return (PROMPT, HELPER, ENV, INLINE) if bridge.can(plan) else (PROMPT, ENV, INLINE)

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:
        """It has no helper for headers: with that way a remote server's secret comes by the bridge."""
        return bridge.plan(plan) if isinstance(plan, RemotePlan) and how == HELPER and slots(plan) else plan

    def check(self, job: Job) -> None:
        """`${` in a secret would be taken for one of VS Code's own variables."""
        refuse_unsendable(job, self.title)
        bridge.check(job)
        if job.how in (ENV, INLINE):
            stdio = not isinstance(job.plan, RemotePlan)
            instead = f"Use --secrets {HELPER if stdio else PROMPT}."
            refuse_characters(job, self.title, "${", "it holds `${`, which begins a variable there", instead)

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:
        """The prompts that are not there yet, then the server."""
        ids: dict[str, str] = {}
        new: list[Edit] = []
        if job.how == PROMPT:
            taken = _inputs(document)
            for slot in slots(job.plan):
                wanted = _input(job, slot)
                ids[slot.field] = name = _free_id(taken, wanted)
                if name not in taken:
                    taken[name] = {**wanted, "id": name}
                    new.append(Edit(("inputs",), taken[name], append=True))
        return (*new, Edit((self.key, job.plan.name), self._value(job, ids)))

    def value(self, job: Job) -> dict[str, object]:
        """The entry as it looks in a file that has no inputs yet."""
        return self._value(job, {s.field: _input(job, s)["id"] for s in slots(job.plan)})

    def _value(self, job: Job, ids: Mapping[str, str]) -> dict[str, object]:
        plan = job.plan

        def text(value: Value) -> str:
            if job.how == INLINE:
                return fill(value, job.secrets).reveal()
            return "".join(p if isinstance(p, str) else reference(p) for p in value)

        def reference(slot: Slot) -> str:
            return f"${{input:{ids[slot.field]}}}" if job.how == PROMPT else f"${{env:{job.variable(slot)}}}"

        def keyed(slot: Slot) -> str | Secret:
            return job.secrets[slot.field] if job.how == INLINE else reference(slot)

        if isinstance(plan, RemotePlan):
            out: dict[str, object] = {"type": plan.transport, "url": addresses.written(plan, keyed)}
            if plan.headers:
                out["headers"] = {n: text(v) for n, v in plan.headers.items()}
            if job.how == OAUTH and plan.login is not None and plan.login.client_id:
                out["oauth"] = {"clientId": plan.login.client_id}
            return out
        return {"type": "stdio", **usual.program(job, text)}

    def prompt_ids(self, document: Document, job: Job, slot: Slot) -> tuple[str, ...]:
        """The ids of the prompts in the file that are this slot's."""
        wanted = _input(job, slot)
        return tuple(name for name, held in _inputs(document).items() if held == {**wanted, "id": name})

    def asks(self, path: Path) -> Mapping[str, tuple[str, str]]:
        """Our prompts are told by their description."""
        found: dict[str, tuple[str, str]] = {}
        for name, held in _inputs(self.document(read_file(path), str(path))).items():
            says = _ASKS.fullmatch(str(held.get("description"))) if isinstance(held, dict) else None
            if says:
                found[name] = (says["connection"], says["field"])
        return found

    def without(self, document: Document, name: str) -> Document:
        """The document without the entry, and without our prompts that only it used."""
        used = _mentioned(document.get(self.key, name))
        document = document.remove((self.key, name))
        rest = _mentioned({k: v for k, v in (document.value or {}).items() if k != "inputs"})
        for index in reversed(range(len(_input_list(document)))):
            item = _input_list(document)[index]
            ours = isinstance(item, dict) and _OURS in str(item.get("description"))
            if ours and item.get("id") in used - rest:
                document = document.remove_item(("inputs",), index)
        return document

    def after(self, job: Job, project: bool) -> str:
        """A new variable is seen by a program that is started after it; a workspace's servers are confirmed."""
        new = job.how == ENV and any(s.field not in job.variables for s in slots(job.plan))
        return "restart" if new else "approve" if project else "now"

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:
        """Start the server from the command palette."""
        where = "Open this folder in VS Code" if project else "Open VS Code"
        return (
            f"{where}, run `MCP: List Servers` from the command palette, choose {name}, and start it.",
            "Confirm that you trust it when asked." if project else f"{name} shows as running.",
        )

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry with `${env:NAME}` replaced (an unset one by nothing) and `${input:ID}` from a variable of
        ``environ`` named ``input:ID``, else left as it is with the state ``asked``."""
        raw = self.raw(path, server)
        seen: list[Reference] = []

        def expand(place: str, text: str) -> str:
            return _PLACEHOLDER.sub(lambda m: _replace(place, m, environ, path, seen), text)

        kind = raw.get("type", "http" if "url" in raw else "stdio")
        if kind in ("http", "sse"):
            remote = usual.read_remote(self, path, server, raw, expand)
            entry: Entry = replace(remote, transport=str(kind))
        elif kind == "stdio":
            cwd = raw.get("cwd")
            started = usual.read_program(self, path, server, raw, expand)
            env = {**usual.env_file(raw, expand), **started.env}
            entry = replace(started, env=env, cwd=expand("cwd", cwd) if isinstance(cwd, str) else None)
        else:
            why = f"it does not know the type `{kind}`"
            raise self.skipped(path, server, why, 'Write `"type": "http"` for a streamable HTTP server.')
        says = {"empty": "replaces `{}` in {} by nothing", "literal": "leaves `{}` in {} as it stands"}
        notes = [
            Evidence("client-config", f"VS Code {says[r.state].format(r.written, r.place)}.")
            for r in seen
            if r.state in says
        ]
        return Reading(entry, tuple(seen), tuple(notes))


def _replace(
    place: str, match: re.Match[str], environ: Mapping[str, str], path: Path, seen: list[Reference]
) -> str:
    whole, (kind, colon, name) = match.group(0), match.group(1).partition(":")
    own = {"workspaceFolder": str(path.parent.parent), "userHome": str(Path.home())}
    if kind == "env" and colon:
        seen.append(Reference(place, whole, "resolved" if environ.get(name) else "empty", name))
        return environ.get(name, "")
    if kind == "input" and colon:
        held = environ.get(f"input:{name}")
        seen.append(Reference(place, whole, "asked" if held is None else "resolved", f"input:{name}"))
        return whole if held is None else held
    if not colon and kind in own:
        return own[kind]
    seen.append(Reference(place, whole, "literal"))
    return whole


def _input(job: Job, slot: Slot) -> dict[str, Any]:
    return {
        "type": "promptString",
        "id": f"{job.plan.name}-{slot.field}".replace("_", "-").replace(".", "-").lower(),
        "description": f"{slot.field} of {job.plan.name}, {_OURS}",
        "password": True,
    }


def _input_list(document: Document) -> list[Any]:
    found = document.get("inputs")
    return found if isinstance(found, list) else []


def _inputs(document: Document) -> dict[str, object]:
    return {i["id"]: i for i in _input_list(document) if isinstance(i, dict) and isinstance(i.get("id"), str)}


def _free_id(taken: Mapping[str, object], wanted: dict[str, Any]) -> str:
    """The wanted id, or with a number where another prompt has it already."""
    name, number = wanted["id"], 1
    while name in taken and taken[name] != {**wanted, "id": name}:
        number += 1
        name = f"{wanted['id']}-{number}"
    return str(name)


def _mentioned(value: object) -> set[str]:
    """The ids of the prompts that a value refers to."""
    if isinstance(value, str):
        return set(re.findall(r"\$\{input:([^}]*)\}", value))
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for part in inner for name in _mentioned(part)}
