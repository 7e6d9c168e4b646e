"""VS Code (Copilot): `.vscode/mcp.json` of a workspace, and `mcp.json` of the person's profile.

JSON with comments; servers under `servers`, prompts under `inputs` (microsoft/vscode-docs,
docs/copilot/reference/mcp-configuration.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ...documents import JSONC, Document, Form
from ...entries import EntryPlan, Reference, RemotePlan, Slot, Stdio, slots
from .. import bridge
from ..base import read_file
from ..model import ENV, HELPER, INLINE, PROMPT, Edit, Job
from ..places import Places
from ..syntax import Expanding, Syntax
from ..usual import Changes, Shape, UsualClient, with_env_file

_ASKED: Final = re.compile(r"\$\{input:(?P<name>[^}]*)\}")
_OURS: Final = "asked by authwizard's entry"
_ASKS: Final = re.compile(rf"(?P<field>.+) of (?P<connection>[A-Za-z0-9_-]+), {re.escape(_OURS)}")


_START: Final = "run `MCP: List Servers` from the command palette, choose {name}, and start it."


class VSCode(UsualClient):
    """VS Code."""

    id: ClassVar[str] = "vscode"
    title: ClassVar[str] = "VS Code"
    rank: ClassVar[int] = 4
    key: ClassVar[str] = "servers"
    form_of_file: ClassVar[Form] = JSONC
    foreign_key: ClassVar[str] = "mcpServers"
    programs: ClassVar[tuple[str, ...]] = ("code",)
    places: ClassVar[Places] = Places(own=("{apps}/Code/User/mcp.json",), project=(".vscode/mcp.json",))
    shape: ClassVar[Shape] = Shape(http="http", sse="sse", stdio="stdio", cwd="cwd")
    syntax: ClassVar[Syntax] = Syntax(
        "${env:NAME}",
        re.compile(r"\$\{env:(?P<name>[^}]*)\}"),
        unset="empty",
        own={
            "workspaceFolder": lambda path: str(path.parent.parent),
            "userHome": lambda _: str(Path.home()),
        },
    )
    changes: ClassVar[tuple[Changes, ...]] = (
        Changes((ENV, INLINE), "${", "it holds `${`, which begins a variable there"),
    )
    cannot: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            "Ask a program for headers.",
            "It asks you once and keeps the answer (`prompt`); `helper` is mcp-remote.",
        ),
        ("See a variable of your shell when it is started from the desktop.", "Use the way `prompt`."),
    )
    logs_in: ClassVar[str] = "Allow the login when VS Code asks for {name}: log in in the browser that opens."
    holds: ClassVar[tuple[str, str]] = ("approve", "now")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = (
        (
            f"Open this folder in VS Code, {_START}",
            "Confirm that you trust it when asked.",
        ),
        (
            f"Open VS Code, {_START}",
            "{name} shows as running.",
        ),
    )

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """A helper for what it starts, its own prompt, a variable, inline."""
        if not slots(plan):
            return (ENV, INLINE)
        if not isinstance(plan, RemotePlan):
            return (HELPER, PROMPT, ENV, INLINE)
        return (PROMPT, HELPER, ENV, INLINE) if bridge.can(plan) else (PROMPT, ENV, INLINE)

    def reference(self, job: Job, slot: Slot) -> str:
        """Its prompt, where it asks: that of the file, or the one that is to be made."""
        if job.how != PROMPT:
            return super().reference(job, slot)
        return f"${{input:{job.prompts.get(slot.field, _input(job, slot)['id'])}}}"

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:
        """The prompts that are not there yet, then the server."""
        ids: dict[str, str] = {}
        new: list[Edit] = []
        taken = _inputs(document)
        for slot in slots(job.plan) if job.how == PROMPT else ():
            wanted = _input(job, slot)
            ids[slot.field] = name = _free_id(taken, wanted)
            if name not in taken:
                taken[name] = {**wanted, "id": name}
                new.append(Edit(("inputs",), taken[name], append=True))
        return (*new, *super().edits(document, replace(job, prompts=ids)))

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # the base's
        """A client id of one's own; without it VS Code registers itself."""
        own = plan.login is not None and plan.login.client_id
        return {"oauth": {"clientId": plan.login.client_id}} if own and plan.login else {}

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """Its prompts too: `${input:ID}` from a variable of ``environ`` named ``input:ID``."""
        return _Asking(self.syntax, environ, path)

    def read_stdio(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Stdio:
        """With the variables of its `envFile`."""
        return with_env_file(super().read_stdio(path, server, raw, met), raw, met)

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


@dataclass(slots=True)
class _Asking(Expanding):
    """With what VS Code asks its person for: left as it is, with the state ``asked``, where nobody has answered."""

    def text(self, place: str, text: str) -> str:
        kept: dict[str, str] = {}

        def value(match: re.Match[str]) -> str:
            name = f"input:{match['name']}"
            held = self.environ.get(name)
            self.seen.append(Reference(place, match[0], "asked" if held is None else "resolved", name))
            kept[mark := f"\0{len(kept)}\0"] = match[0] if held is None else held
            return mark

        out = Expanding.text(self, place, _ASKED.sub(value, text))
        for mark, held in kept.items():
            out = out.replace(mark, held)
        return out


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


CLIENT = VSCode()
