"""What is written into a client's config, and what every client can be asked: plain data, and the protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from ..documents import Document
from ..entries import Entry, EntryPlan, Reference, Slot, Value, fill
from ..livetest import Evidence
from ..secret import MASK, Secret
from .composing import Composed

if TYPE_CHECKING:
    from .base import ConfigClient

OAUTH: Final = "oauth"
"""The client logs in by itself, and holds the token itself: nothing secret is written."""
HELPER: Final = "helper"
PROMPT: Final = "prompt"
ENV: Final = "env"
FILE: Final = "file"
INLINE: Final = "inline"


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry as its client reads it; ``notes`` are what the client does that its owner may not expect. ``helper`` is
    the command that the client runs for more headers, as written; empty where there is none."""

    entry: Entry
    references: tuple[Reference, ...]
    notes: tuple[Evidence, ...] = ()
    helper: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written: the plan, the connection's name, the way (``how``), the secrets by field, and the
    variable that holds each field which is kept in one. ``project`` is True for a file that is not the person's own.
    ``prompts`` are the client's own prompts by field, where it asks for the secrets. ``shown`` is True for what is only
    shown, and holds no secret."""

    plan: EntryPlan
    connection: str
    how: str
    secrets: Mapping[str, Secret]
    variables: Mapping[str, str]
    speaks: str = "mcp"
    project: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    shown: bool = False

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
    writer: ConfigClient


@dataclass(frozen=True, slots=True)
class Scope:
    """One of the places where a client looks: ``title`` is the client's own word for it, ``client`` reads its file."""

    title: str
    path: Path
    client: Client


class Client(Protocol):
    """An MCP client program whose config is written and read as the program itself would.

    ``rank`` is its place where all are offered, smallest first. ``mcp`` says that it speaks MCP, ``judge`` what was
    asked whether the form is right: ``run`` (the program itself, by what a server received), ``parsed`` (the program's
    own reading of the file) or ``form`` (its documentation or schema alone). ``cannot`` is what it cannot do, each with
    what to do instead.

    ``executable`` says that its file is one to be run, ``private`` that it is for its owner alone, whatever it holds.
    ``logs_in`` is what the person does so that the client logs in by itself (``{name}`` is the entry's); empty where it
    cannot.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    rank: ClassVar[int]
    mcp: ClassVar[bool]
    judge: ClassVar[str]
    cannot: ClassVar[tuple[tuple[str, str], ...]]
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

    def login_acts(self, job: Job) -> tuple[str, ...]:
        """What the person does so that it logs in by itself."""

    def compose(self, job: Job, where: Path | None, before: bytes | None) -> Composed:
        """What the file at ``where`` will hold; None: there is no file, and the text is the answer."""

    def compose_without(self, name: str, where: Path | None, before: bytes | None) -> Composed:
        """What the file will hold without an entry; ``after`` is ``before`` where it has none."""

    def scopes(self) -> tuple[Scope, ...]:
        """Where it looks for its servers, the one that wins first: of entries of one name it uses that alone."""

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:
        """The words of the program's own command that makes the same entry, references only; empty where it has no such
        command, or a secret would stand in it."""

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


def masked(job: Job) -> Job:
    """The job with every secret masked, for showing."""
    return replace(job, secrets={name: Secret(MASK) for name in job.secrets}, shown=True)


def written(value: Value, job: Job, reference: str) -> str:
    """A value in a client's syntax: the secret itself with inline or file, else ``reference`` with the variable."""
    if job.how in (INLINE, FILE):
        return fill(value, job.secrets).reveal()
    return "".join(p if isinstance(p, str) else reference.replace("NAME", job.variable(p)) for p in value)


def shown_command(command: str) -> str:
    """A helper's command as it may be shown: ours whole, of another only the program (it may hold a secret), and so of
    what somebody put before ours."""
    found = re.search(r"(authwizard['\"]?|-m wizard) headers [\w.-]+$", command)
    if found:
        before = command[: found.start()]
        return f"… {found[0]}" if re.search(r"[;&|`$<>()\n]|^\s*(?!env )\S*=", before) else command
    first, space, _ = command.strip().partition(" ")
    return f"{first} …" if space else first
