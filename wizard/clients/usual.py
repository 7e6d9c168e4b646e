"""A client that is told by data: where its files are, how an entry looks, how it names a secret, what it cannot do.

Most clients share one form: ``url`` and ``headers``, or ``command``, ``args`` and ``env``. `Shape` says where one
differs, `Syntax` what it replaces, `Places` where its files are; what no data can say a client's module overrides.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from ..entries import (
    Entry,
    EntryPlan,
    Reference,
    Remote,
    RemotePlan,
    Slot,
    Stdio,
    StdioPlan,
    Value,
    fill,
    slots,
)
from ..errors import FileProblem, UsageError
from ..livetest import Evidence
from ..secret import Secret
from . import addresses, bridge, places, programs
from .base import ConfigClient
from .composing import Composed
from .misnamed import misnamed
from .model import ENV, FILE, HELPER, INLINE, OAUTH, Job, Reading, masked, shown_command
from .places import Places
from .refusing import beyond_measure, needs_path, refuse_characters, refuse_unsendable
from .syntax import LITERAL, Expanding, Syntax, beyond

_ANY_NAME: Final = re.compile(r".+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shape:
    """How an entry looks. Each of ``url headers command args env`` is the member's name (with dots where it stands
    deeper); ``args`` is empty where ``command`` is a list of all words. ``type`` is the member for the kind of server,
    ``http``, ``sse`` and ``stdio`` what is written there (nothing where empty; no ``sse`` at all: None). ``reads`` are
    further values that it takes there, each as one of those three; ``untyped`` is what an address without a type is
    taken for (empty: the entry is skipped). ``urls`` are further names of the address that are read. ``helper`` is the
    member for a command that prints more headers. ``always`` is written in every entry. ``off`` are the members, each
    with the value, by which a person switches an entry off. ``cwd`` is the member for the folder of a program."""

    url: str = "url"
    headers: str = "headers"
    command: str = "command"
    args: str = "args"
    env: str = "env"
    type: str = "type"
    http: str = ""
    sse: str | None = ""
    stdio: str = ""
    reads: Mapping[str, str] = field(default_factory=dict)
    untyped: str = "http"
    urls: tuple[str, ...] = ()
    helper: str = ""
    always: Mapping[str, object] = field(default_factory=dict)
    off: Mapping[str, bool] = field(default_factory=dict)
    cwd: str = ""

    def kinds(self) -> Mapping[str, str]:
        """What each value of the type stands for: ``http``, ``sse`` or ``stdio``."""
        own = {self.sse or "": "sse", self.http: "http", self.stdio: "stdio"}
        return {**self.reads, **{written: kind for written, kind in own.items() if written}}


@dataclass(frozen=True, slots=True)
class Changes:
    """Characters (parted by spaces) that a client changes in a secret that comes by one of the ``ways``; ``because``
    follows a colon."""

    ways: tuple[str, ...]
    marks: str
    because: str


class UsualClient(ConfigClient):
    """A client with a config file, told by data.

    ``programs`` are its commands, ``names`` what it takes as an entry's name (``names_say`` in words). ``remote`` and
    ``stdio`` say what it can use by itself; it reaches a remote server by the bridge where it cannot.
    ``holds`` is from when an entry holds, in a project's file and in the person's own; ``desktop`` that it is started
    from the desktop, and sees a new variable only after a restart. ``acts`` are the person's next acts, for a project
    and for the person's own file.
    """

    programs: ClassVar[tuple[str, ...]] = ()
    places: ClassVar[Places] = Places()
    shape: ClassVar[Shape] = Shape()
    syntax: ClassVar[Syntax] = LITERAL
    changes: ClassVar[tuple[Changes, ...]] = ()
    names: ClassVar[re.Pattern[str]] = _ANY_NAME
    names_say: ClassVar[str] = ""
    remote: ClassVar[bool] = True
    stdio: ClassVar[bool] = True
    desktop: ClassVar[bool] = True
    holds: ClassVar[tuple[str, str]] = ("restart", "restart")
    acts: ClassVar[tuple[tuple[str, ...], tuple[str, ...]]] = ((), ())

    # where

    def found(self) -> bool:
        """Whether the program, or the folder of its config, is on this machine."""
        home = Path.home()
        return any(shutil.which(p) for p in self.programs) or any(
            path.exists() or (path.parent != home and path.parent.is_dir()) for path in self.own_files()
        )

    def own_files(self) -> tuple[Path, ...]:
        """The person's files on this system, in order."""
        return places.own(self.places, sys.platform, Path.home(), os.environ)

    def path(self, project: bool) -> Path | None:
        """Its file for this folder, or the person's own."""
        folder = Path.cwd()
        return places.first(tuple(folder / p for p in self.places.project) if project else self.own_files())

    # which way

    def helps(self, plan: EntryPlan) -> bool:
        """Whether it asks a command for a remote server's headers."""
        return bool(self.shape.helper) and isinstance(plan, RemotePlan) and not addresses.keyed(plan)

    def refers(self, plan: EntryPlan) -> bool:
        """Whether it can name a variable wherever the plan has a secret."""
        where = "env" if isinstance(plan, StdioPlan) else "url" if addresses.keyed(plan) else "headers"
        return bool(self.syntax.reference) and bool(slots(plan)) and where in self.syntax.places

    def ways(self, plan: EntryPlan) -> tuple[str, ...]:
        """A helper, its own, for a program that it starts, or by the bridge; a variable; inline."""
        remote = isinstance(plan, RemotePlan)
        alone = self.remote if remote else self.stdio
        bridged = remote and self.stdio and bridge.can(plan)
        if not alone and not bridged:
            return ()
        if remote and isinstance(plan, RemotePlan) and plan.transport == "sse" and self.shape.sse is None:
            return (HELPER, INLINE) if bridged and slots(plan) else (INLINE,) if bridged else ()
        if not slots(plan):
            return (ENV, INLINE) if self.syntax.reference else (INLINE,)
        helped = self.helps(plan) or bridged or not remote
        possible = {HELPER: helped, ENV: alone and self.refers(plan), INLINE: True}
        return tuple(way for way, can in possible.items() if can)

    def form(self, plan: EntryPlan, how: str) -> EntryPlan:
        """A remote server goes by the bridge where the client cannot ask it, or has no helper for its headers."""
        if not isinstance(plan, RemotePlan):
            return plan
        cannot = not self.remote or (plan.transport == "sse" and self.shape.sse is None)
        helped = how == HELPER and bool(slots(plan)) and not self.helps(plan)
        return bridge.plan(plan) if cannot or helped else plan

    def check(self, job: Job) -> None:
        """The name, what nothing can send, and what this client would change."""
        if not self.names.fullmatch(job.plan.name):
            raise UsageError(
                "client-name",
                f"{self.title} does not take `{job.plan.name}` as a server's name.",
                f"It takes {self.names_say}.",
                ["Choose another name with --name."],
            )
        refuse_unsendable(job, self.title)
        bridge.check(job)
        for change in self.changes:
            if job.how in change.ways:
                instead = next((w for w in self.ways(job.plan) if w not in change.ways), HELPER)
                refuse_characters(job, self.title, change.marks, change.because, f"Use --secrets {instead}.")

    # writing

    def compose(self, job: Job, where: Path | None, before: bytes | None) -> Composed:
        """The file with its entry; a client without any file gets the text to paste.

        Raises:
            UsageError: it has no file here, or the text would hold a secret. FileProblem: as the base's.
        """
        if where is not None or self.places != Places():
            return super().compose(job, where, before)
        if job.how in (INLINE, FILE) and slots(job.plan):
            raise needs_path("text")
        entry = {self.key: {job.plan.name: self.value(masked(job))}}
        return Composed(b"", "", f"{json.dumps(entry, indent=2, ensure_ascii=False)}\n")

    def compose_without(self, name: str, where: Path | None, before: bytes | None) -> Composed:
        """The file without an entry."""
        if where is None and self.places == Places():
            says = f"{self.title} has no file to take `{name}` out of."
            raise UsageError("client-cannot", says, "", [f"Take `{name}` out where you pasted it."])
        return super().compose_without(name, where, before)

    def reference(self, job: Job, slot: Slot) -> str:
        """How a secret that stays where it is kept is named in the file."""
        return self.syntax.reference.replace("NAME", job.variable(slot))

    def text(self, job: Job, value: Value) -> str:
        """A value as it stands in the file."""
        if job.how in (INLINE, FILE):
            return fill(value, job.secrets).reveal()
        return "".join(p if isinstance(p, str) else self.reference(job, p) for p in value)

    def value(self, job: Job) -> dict[str, object]:
        """The entry."""
        plan = job.plan
        out = self.remote_value(job, plan) if isinstance(plan, RemotePlan) else self.stdio_value(job, plan)
        return {**out, **self.shape.always}

    def remote_value(self, job: Job, plan: RemotePlan) -> dict[str, object]:
        """A remote server's entry."""
        shape = self.shape
        out: dict[str, object] = {}
        if kind := (shape.sse if plan.transport == "sse" else shape.http):
            out[shape.type] = kind
        inline = job.how in (INLINE, FILE)
        out[shape.url] = addresses.written(
            plan, lambda slot: job.secrets[slot.field] if inline else self.reference(job, slot)
        )
        if job.how == HELPER and slots(plan) and self.helps(plan):
            out[shape.helper] = self.headers_command(job.connection)
        elif plan.headers:
            _put(out, shape.headers, {n: self.text(job, v) for n, v in plan.headers.items()})
        return {**out, **(self.login(job, plan) if job.how == OAUTH else {})}

    def login(self, job: Job, plan: RemotePlan) -> dict[str, object]:  # noqa: ARG002  # others look at it
        """The members for its own login; none where it finds all out by itself."""
        return {}

    def stdio_value(self, job: Job, plan: StdioPlan) -> dict[str, object]:
        """The entry of a program; with a helper it is started through this one, and has no variables."""
        shape = self.shape
        helper = job.how == HELPER and bool(slots(plan))
        command = programs.exec_command(job.connection, plan.command) if helper else plan.command
        out: dict[str, object] = {shape.type: shape.stdio} if shape.stdio else {}
        out |= {shape.command: command[0], shape.args: list(command[1:])} if shape.args else {}
        out |= {} if shape.args else {shape.command: list(command)}
        if not helper and plan.env:
            out[shape.env] = {n: self.text(job, v) for n, v in plan.env.items()}
        return out

    def after(self, job: Job, project: bool) -> str:
        """A new variable is seen by a program that is started after it; else as ``holds`` says."""
        if job.how == ENV and any(s.field not in job.variables for s in slots(job.plan)):
            return "restart" if self.desktop else "new-shell"
        return self.holds[0 if project else 1]

    def next_act(self, name: str, project: bool) -> tuple[str, ...]:
        """What the person does next."""
        return tuple(act.format(name=name) for act in self.acts[0 if project else 1])

    # reading

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """The entry as the client would use it."""
        raw = self.raw(path, server)
        if why := beyond(raw):
            raise beyond_measure(path, server, why)
        for member, value in self.shape.off.items():
            if raw.get(member) is value:
                raise self.switched_off(path, server, f"`{member}` is {json.dumps(value)}")
        met = self.expanding(environ, path)
        entry = self.entry(path, server, raw, met)
        helper = raw.get(self.shape.helper) if self.shape.helper and isinstance(entry, Remote) else None
        seen = list(met.seen)
        if isinstance(helper, str) and helper:
            seen.append(Reference(self.shape.helper, shown_command(helper), "helper"))
        return Reading(entry, tuple(seen), self.notes(seen), helper if isinstance(helper, str) else "")

    def entry(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Entry:
        """What an entry as written asks or starts. Raises: FileProblem where the client does not take it."""
        shape = self.shape
        if not {shape.command, shape.url, *shape.urls} & raw.keys():
            meant = misnamed(raw, shape.url if self.remote else "", shape.command if self.stdio else "")
            if meant:
                why = f"it has no `{meant[0]}`; `{meant[1]}` is not known to it"
                raise self.skipped(path, server, why, f"Rename `{meant[1]}` to `{meant[0]}`.")
        kind = self.kind(path, server, raw)
        if kind == "stdio":
            return self.read_stdio(path, server, raw, met)
        return self.read_remote(path, server, raw, met, kind)

    def transport(self, planned: str) -> str:
        """A client whose entry is the same for both finds out by itself: such an entry says ``http``."""
        return "http" if self.shape.http == self.shape.sse else planned

    def expanding(self, environ: Mapping[str, str], path: Path) -> Expanding:
        """One reading of a file's texts."""
        return Expanding(self.syntax, environ, path)

    def notes(self, seen: list[Reference]) -> tuple[Evidence, ...]:
        """What the owner may not expect of the references that were met."""
        says = {"empty": "puts nothing in the place of `{}` in {}", "unset": "sends `{}` in {} as it stands"}
        says["literal"] = says["unset"]
        return tuple(
            Evidence("client-config", f"{self.title} {says[r.state].format(r.written, r.place)}.")
            for r in seen
            if r.state in says
        )

    def kind(self, path: Path, server: str, raw: Mapping[str, Any]) -> str:
        """``http``, ``sse`` or ``stdio``. Raises: FileProblem where the client skips the entry."""
        shape = self.shape
        said = raw.get(shape.type) if shape.http or shape.stdio or shape.reads else None
        addressed = any(name in raw for name in (shape.url, *shape.urls))
        if said is None:
            if not addressed or (shape.command in raw and not (shape.untyped and self.remote)):
                return "stdio"
            if shape.untyped:
                return shape.untyped
            why = f"it has a `{shape.url}` without a `{shape.type}`"
            raise self.skipped(
                path, server, why, f'Add `"{shape.type}": "{shape.http}"` beside its `{shape.url}`.'
            )
        kind = shape.kinds().get(said) if isinstance(said, str) else None
        if kind is None:
            why = f"it does not know the {shape.type} `{said}`"
            fix = f'Write `"{shape.type}": "{shape.http}"` for a streamable HTTP server.'
            raise self.skipped(path, server, why, fix)
        return kind

    def read_remote(
        self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding, kind: str
    ) -> Remote:
        """The server that an entry names. Raises: FileProblem where it names none."""
        shape = self.shape
        url = next((raw[name] for name in (shape.url, *shape.urls) if raw.get(name)), None)
        if not self.remote:
            held = next(name for name in (shape.url, *shape.urls) if name in raw)
            why = f"it has `{held}` and no `{shape.command}`: it starts programs only"
            raise self.skipped(path, server, why, f"Write it anew: authwizard export NAME --client {self.id}")
        if not isinstance(url, str):
            fix = f"Give it the server's address as `{shape.url}`."
            raise self.skipped(path, server, f"it has no `{shape.url}`", fix)
        holder, _, last = shape.headers.rpartition(".")
        inner = raw.get(holder) if holder else raw
        headers = self.texts(path, server, inner, last) if isinstance(inner, dict) else {}
        sent = {n: Secret(met.text(f"headers.{n}", v)) for n, v in headers.items()}
        whole, query = addresses.read(url, met.text)
        return Remote(whole, sent, kind, query)

    def read_stdio(self, path: Path, server: str, raw: Mapping[str, Any], met: Expanding) -> Stdio:
        """The program that an entry starts. Raises: FileProblem where it names none."""
        first, *rest = self.words(path, server, raw)
        words = (met.text("command", first), *(met.text(f"args[{i}]", a) for i, a in enumerate(rest)))
        own = {
            n: Secret(met.text(f"env.{n}", v))
            for n, v in self.texts(path, server, raw, self.shape.env).items()
        }
        named = raw.get(self.shape.cwd)
        cwd = met.text(self.shape.cwd, named) if isinstance(named, str) else self.folder(path)
        return Stdio(words, own, cwd)

    def folder(self, path: Path) -> str | None:  # noqa: ARG002  # others have one
        """The folder in which it starts a program of this file; None: where it was started itself."""
        return None

    def words(self, path: Path, server: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
        """The command and its arguments."""
        if self.shape.args:
            return self.command_words(path, server, raw, self.shape.command, self.shape.args)
        command = raw.get(self.shape.command)
        if not isinstance(command, list) or not command or not all(isinstance(a, str) for a in command):
            why = f"`{self.shape.command}` in it is not a list of texts"
            raise self.skipped(path, server, why, f'Write `{self.shape.command}` as `["program", "..."]`.')
        return tuple(command)


def _put(into: dict[str, object], name: str, value: object) -> None:
    """Set a member, deeper where the name has a dot."""
    first, _, rest = name.partition(".")
    into[first] = value if not rest else {rest: value}


def with_env_file(entry: Stdio, raw: Mapping[str, Any], met: Expanding) -> Stdio:
    """What the file adds to a program's variables that an entry names as ``envFile`` (Cursor, VS Code); nothing of one
    that cannot be read. The entry's own ``env`` goes before it."""
    from .. import dotenv

    named = raw.get("envFile")
    if not isinstance(named, str) or not named:
        return entry
    try:
        more = dict(dotenv.load(Path(met.text("envFile", named)).expanduser()).values())
    except (FileProblem, OSError, RuntimeError):
        return entry
    return replace(entry, env={**more, **entry.env})
