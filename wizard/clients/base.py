"""What every MCP client has in common here: the shape of a client, and one base for those with a JSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

from .. import documents
from ..documents import JSON, Document, Form
from ..entries import Entry, EntryPlan, Reference, RemotePlan, Slot, Value, fill
from ..errors import FileProblem, UsageError
from ..livetest import Evidence
from ..secret import MASK, Secret
from . import addresses
from .composing import Composed, merged, taken_out

OAUTH: Final = "oauth"
"""The client logs in by itself, and holds the token itself: nothing secret is written."""
HELPER: Final = "helper"
PROMPT: Final = "prompt"
ENV: Final = "env"
FILE: Final = "file"
INLINE: Final = "inline"


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry as its client reads it; ``notes`` are what the client does that its owner may not expect."""

    entry: Entry
    references: tuple[Reference, ...]
    notes: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written: the plan, the connection's name, the way (``how``), the secrets by field, and the
    variable that holds each field which is kept in one. ``project`` is True for a file that is not the person's own."""

    plan: EntryPlan
    connection: str
    how: str
    secrets: Mapping[str, Secret]
    variables: Mapping[str, str]
    speaks: str = "mcp"
    project: bool = False

    def variable(self, slot: Slot) -> str:
        """The variable that holds this slot's secret: the person's own one, or the plan's."""
        return self.variables.get(slot.field, slot.variable)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a document: a member that is set, or (``append``) an element that is added to a list."""

    path: tuple[str, ...]
    value: object
    append: bool = False

    def apply(self, document: Document) -> Document:
        """The document with the change."""
        return document.append(self.path, self.value) if self.append else document.set(self.path, self.value)


@dataclass(frozen=True, slots=True)
class Beside:
    """Another file that is written together with the main one, and who knows its form."""

    path: Path
    writer: JsonClient


class Client(Protocol):
    """An MCP client program whose config is written and read as the program itself would.

    ``executable`` says that its file is one to be run, ``private`` that it is for its owner alone, whatever it holds.
    ``logs_in`` is what the person does so that the client logs in by itself (``{name}`` is the entry's); empty where it
    cannot.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    executable: ClassVar[bool]
    private: ClassVar[bool]
    logs_in: ClassVar[str]

    def found(self) -> bool:
        """Whether the program, or its config, is on this machine."""

    def path(self, project: bool) -> Path | None:
        """Its file for this folder, or the person's own; None where it has no file of its own."""

    def place(self, path: Path) -> Path:
        """The file that a --path names."""

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """How it can come by the secret, safest first; empty where it cannot hold such an entry at all."""

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:
        """The plan as this client can hold it, by this way: its own, or by a bridge."""

    def check(self, job: Job) -> None:
        """Raises UsageError where the client, or the secret's own characters, do not allow the way."""

    def after(self, job: Job, project: bool) -> str:
        """When the written entry holds: ``now``, ``new-shell``, ``restart`` or ``approve``."""

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:
        """What the person does next, step by step."""

    def compose(self, job: Job, where: Path | None, before: bytes | None) -> Composed:
        """What the file at ``where`` will hold; None: there is no file, and the text is the answer."""

    def compose_without(self, name: str, where: Path | None, before: bytes | None) -> Composed:
        """What the file will hold without an entry; ``after`` is ``before`` where it has none."""

    def beside(self, where: Path, job: Job | None) -> tuple[Beside, ...]:
        """The files that are written together with this one; without a job those that hold the entry as well."""

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries of a file by name, as written: they may hold secrets."""

    def asks(self, path: Path) -> Mapping[str, tuple[str, str]]:
        """The prompts in a file that were written by us: the connection and its field, by the prompt's id."""

    def effective(
        self, path: Path, server: str, environ: Mapping[str, str]
    ) -> tuple[Entry, tuple[Reference, ...]]:
        """One entry as the client would use it, with the placeholders that it met."""


class JsonClient:
    """A client whose servers stand by name in one object of a JSON file."""

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    key: ClassVar[str] = "mcpServers"
    form_of_file: ClassVar[Form] = JSON
    foreign_key: ClassVar[str] = "servers"
    executable: ClassVar[bool] = False
    private: ClassVar[bool] = False
    logs_in: ClassVar[str] = ""

    def place(self, path: Path) -> Path:
        """The file that a --path names."""
        return path

    def compose(self, job: Job, where: Path | None, before: bytes | None) -> Composed:
        """The file with its entry.

        Raises:
            UsageError: it has no file here. FileProblem: the file is not what the client could read.
        """
        if where is None:
            raise self.nowhere()
        document = self.document(before, str(where))
        return merged(document, self.edits(document, job), self.edits(document, masked(job)), before)

    def compose_without(self, name: str, where: Path | None, before: bytes | None) -> Composed:
        """The file without an entry.

        Raises:
            UsageError, FileProblem: as `compose`.
        """
        if where is None:
            raise self.nowhere()
        document = self.document(before, str(where))
        rest = self.without(document, name) if before is not None and self.servers(where) else document
        return taken_out(document, rest, (*self.holder, name), before)

    def beside(self, where: Path, job: Job | None) -> tuple[Beside, ...]:  # noqa: ARG002  # others look at it
        """Nothing else is written."""
        return ()

    def nowhere(self) -> UsageError:
        """The sentence for a client without a file here."""
        return UsageError("client-cannot", f"{self.title} has no file here; name one with --path.")

    @property
    def holder(self) -> tuple[str, ...]:
        """The path of the object in which the servers stand."""
        return (self.key,)

    def document(self, content: bytes | None, where: str) -> Document:
        """The file, parsed as this client would; FileProblem where it cannot."""
        return documents.read(content or b"", where, self.form_of_file, reader=self.title)

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:  # noqa: ARG002  # others look at it
        """The plan as this client can hold it, by this way."""
        return plan

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:  # noqa: ARG002  # others look into it
        """What changes in the document."""
        return (Edit((self.key, job.plan.name), self.value(job)),)

    def value(self, job: Job) -> dict[str, object]:
        """The entry in the client's own syntax."""
        raise NotImplementedError

    def prompt_ids(self, document: Document, job: Job, slot: Slot) -> tuple[str, ...]:  # noqa: ARG002  # as above
        """The client's own prompts that stand for a slot."""
        return ()

    def asks(self, path: Path) -> Mapping[str, tuple[str, str]]:  # noqa: ARG002  # others look at it
        """It asks for nothing."""
        return {}

    def without(self, document: Document, name: str) -> Document:
        """The document without the entry, and without what only that entry used."""
        return document.remove((self.key, name))

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries of a file by name, as written: they may hold secrets. Empty where there is no file."""
        content = read_file(path)
        if content is None:
            return {}
        document = self.document(content, str(path))
        found = document.get(self.key)
        if isinstance(found, dict):
            return found
        if not document.empty and not isinstance(document.value, dict):
            raise self.ignored(path, "its top is not an object (`{...}`)", "Make it an object.")
        if found is not None:
            raise self.ignored(path, f"`{self.key}` in it is not an object", f"Make `{self.key}` an object.")
        if document.get(self.foreign_key) is not None:
            raise self.ignored(
                path,
                f"it has `{self.foreign_key}` where {self.title} wants `{self.key}`",
                f"Rename `{self.foreign_key}` to `{self.key}`.",
            )
        return {}

    def ignored(self, path: Path, why: str, fix: str) -> FileProblem:
        """The sentence for a file that the client passes over."""
        return FileProblem(
            "client-file-ignored",
            f"{self.title} finds no servers in {path}: {why}.",
            str(path),
            [fix, f"Then start {self.title} again."],
        )

    def raw(self, path: Path, server: str) -> dict[str, Any]:
        """One entry as written."""
        found = self.servers(path)
        if server not in found:
            known = ", ".join(found) or "none"
            raise UsageError(
                "unknown-server",
                f"{self.title} has no server `{server}` in {path}.",
                f"Servers there: {known}.",
                ["Choose one of them, or name the right file with --path."],
            )
        value = found[server]
        if not isinstance(value, dict):
            raise self.skipped(path, server, "it is not an object (`{...}`)", "Write it as an object.")
        return value

    def skipped(self, path: Path, server: str, why: str, fix: str) -> FileProblem:
        """The sentence for an entry that the client passes over."""
        return FileProblem(
            "client-entry-skipped",
            f"{self.title} skips `{server}`: {why}.",
            f"{path}, `{self.key}.{server}`",
            [fix, f"Then start {self.title} again."],
        )

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """One entry as the client would use it."""
        raise NotImplementedError

    def effective(
        self, path: Path, server: str, environ: Mapping[str, str]
    ) -> tuple[Entry, tuple[Reference, ...]]:
        """One entry as the client would use it, with the placeholders that it met; no helper is run."""
        reading = self.read(path, server, environ)
        return reading.entry, reading.references

    def words(self, path: Path, server: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
        """`command` and `args` of an entry that starts a program."""
        command, args = raw.get("command"), raw.get("args", [])
        if not isinstance(command, str) or not command:
            fix = "Give it the program that is started as `command`."
            raise self.skipped(path, server, "it has no `command`", fix)
        if not isinstance(args, list) or not all(isinstance(a, str) for a in args):
            why = "`args` in it is not a list of texts"
            raise self.skipped(path, server, why, 'Write `args` as `["..."]`.')
        return (command, *args)

    def address(self, job: Job, reference: str) -> str:
        """The plan's address with its parameters in the client's syntax, as `written` does for a header."""
        plan = job.plan
        if not isinstance(plan, RemotePlan):
            raise TypeError("a program has no address")

        def text(slot: Slot) -> str | Secret:
            return (
                job.secrets[slot.field]
                if job.how in (INLINE, FILE)
                else reference.replace("NAME", job.variable(slot))
            )

        return addresses.written(plan, text)

    def texts(self, path: Path, server: str, raw: Mapping[str, Any], name: str) -> dict[str, str]:
        """An object of texts in an entry (``headers``, ``env``); a number or truth value is taken as its text."""
        value = raw.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or any(
            isinstance(v, dict | list) or v is None for v in value.values()
        ):
            why = f"`{name}` in it is not an object of texts"
            raise self.skipped(path, server, why, f'Write `{name}` as {{"NAME": "value"}}.')
        return {k: v if isinstance(v, str) else json.dumps(v) for k, v in value.items()}


def masked(job: Job) -> Job:
    """The job with every secret masked, for showing."""
    return replace(job, secrets={name: Secret(MASK) for name in job.secrets})


def written(value: Value, job: Job, reference: str) -> str:
    """A value in a client's syntax: the secret itself with inline or file, else ``reference`` with the variable."""
    if job.how in (INLINE, FILE):
        return fill(value, job.secrets).reveal()
    return "".join(p if isinstance(p, str) else reference.replace("NAME", job.variable(p)) for p in value)


def shown_command(command: str) -> str:
    """A helper's command as it may be shown: ours whole, of another only the program (it may hold a secret)."""
    if re.search(r"(authwizard['\"]?|-m wizard) headers [\w.-]+$", command):
        return command
    first, space, _ = command.strip().partition(" ")
    return f"{first} …" if space else first


def read_file(path: Path) -> bytes | None:
    """A client's file, None where there is none.

    Raises:
        FileProblem: a directory, or not to be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        detail, fix = "It is a folder.", "Name a file, or move the folder away."
    except NotADirectoryError:
        detail, fix = "A part of its path is a file, not a folder.", "Name a path whose folders are folders."
    except PermissionError:
        detail, fix = "You are not allowed to read it.", f"Check its owner and mode: ls -l {path}"
    except OSError as error:
        detail, fix = error.strerror or type(error).__name__, "Check the path."
    raise FileProblem("file-unreadable", f"{path} cannot be read.", detail, [fix, "Nothing was changed."])
