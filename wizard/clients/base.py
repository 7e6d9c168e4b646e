"""What the clients with a config file have in common: entries by name in one object of JSON, TOML or YAML."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

from .. import documents
from ..documents import JSON, Document, Form
from ..documents.splicing import MAX_BYTES, too_big
from ..entries import Entry, EntryPlan, Reference, RemotePlan, Slot
from ..errors import FileProblem, UsageError
from ..pasting import pasted
from ..secret import Secret
from . import addresses, programs
from .composing import Composed, merged, taken_out
from .model import FILE, INLINE, Beside, Client, Edit, Job, Reading, Scope, masked


class ConfigClient:
    """A client whose servers stand by name in one object of a file.

    ``key`` is that object's name, ``foreign_key`` the one that other clients use. ``kept`` are the members of an entry
    that a person sets, and that stay when it is written anew. ``takes`` are the types that it takes as a header's or
    variable's text.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    rank: ClassVar[int] = 50
    mcp: ClassVar[bool] = True
    judge: ClassVar[str] = "form"
    cannot: ClassVar[tuple[tuple[str, str], ...]] = ()
    key: ClassVar[str] = "mcpServers"
    form_of_file: ClassVar[Form] = JSON
    foreign_key: ClassVar[str] = "servers"
    kept: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[tuple[type, ...]] = (str, int, float)
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

    def edits(self, document: Document, job: Job) -> tuple[Edit, ...]:
        """What changes in the document."""
        return (Edit((*self.holder, job.plan.name), self.with_kept(document, job, self.value(job))),)

    def with_kept(self, document: Document, job: Job, value: dict[str, object]) -> dict[str, object]:
        """The entry with what somebody chose for the one that it replaces."""
        held = document.get(*self.holder, job.plan.name)
        return value | ({k: v for k, v in held.items() if k in self.kept} if isinstance(held, dict) else {})

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
        return document.remove((*self.holder, name))

    def path(self, project: bool) -> Path | None:
        """Its file for this folder, or the person's own; None where it has no file of its own."""
        raise NotImplementedError

    def scopes(self) -> tuple[Scope, ...]:
        """Of one name the project's entry counts, then the person's own."""
        project, own = self.path(True), self.path(False)
        found = (("project", project), ("user", own)) if project != own else (("user", own),)
        # what is missing here every client has
        client = cast("Client", self)
        return tuple(Scope(title, path, client) for title, path in found if path is not None)

    def command_line(self, job: Job, project: bool) -> tuple[str, ...]:  # noqa: ARG002  # others have one
        """It has no such command."""
        return ()

    def servers(self, path: Path) -> Mapping[str, object]:
        """The entries of a file by name, as written: they may hold secrets. Empty where there is no file."""
        content = read_file(path)
        if content is None:
            return {}
        document = self.document(content, str(path))
        found = document.get(*self.holder)
        if isinstance(found, dict):
            return found
        name = self.form_of_file.keyed.get(self.holder)
        if name and isinstance(found, list):
            return {e[name]: e for e in found if isinstance(e, dict) and isinstance(e.get(name), str)}
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

    def switched_off(self, path: Path, server: str, why: str) -> FileProblem:
        """The sentence for an entry that a person has switched off."""
        return FileProblem(
            "client-entry-off",
            f"{self.title} does not use `{server}`: it is switched off ({why}).",
            f"{path}, `{self.key}.{server}`",
            [f"Switch it on in {self.title}, or in this file.", f"Then start {self.title} again."],
        )

    def transport(self, planned: str) -> str:
        """What an entry for this transport (``http`` or ``sse``) is read as."""
        return planned

    def read(self, path: Path, server: str, environ: Mapping[str, str]) -> Reading:
        """One entry as the client would use it."""
        raise NotImplementedError

    def effective(
        self, path: Path, server: str, environ: Mapping[str, str]
    ) -> tuple[Entry, tuple[Reference, ...]]:
        """One entry as the client would use it, with the placeholders that it met; no helper is run."""
        reading = self.read(path, server, environ)
        return reading.entry, reading.references

    def headers_command(self, connection: str) -> str:
        """The command that it is given as a helper for a connection's headers."""
        return programs.headers_command(connection)

    def handed_on(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """What a program that it starts gets of its environment."""
        return environ

    def login_acts(self, job: Job) -> tuple[str, ...]:
        """What the person does so that it logs in by itself."""
        return (self.logs_in.format(name=job.plan.name),)

    def command_words(
        self, path: Path, server: str, raw: Mapping[str, Any], command: str = "command", args: str = "args"
    ) -> tuple[str, ...]:
        """The command and the arguments of an entry that starts a program; both names are the client's."""
        program, rest = raw.get(command), raw.get(args, [])
        if not isinstance(program, str) or not program:
            fix = f"Give it the program that is started as `{command}`."
            raise self.skipped(path, server, f"it has no `{command}`", fix)
        if not isinstance(rest, list) or not all(isinstance(a, str) for a in rest):
            why = f"`{args}` in it is not a list of texts"
            raise self.skipped(path, server, why, f'Write `{args}` as `["..."]`.')
        return (program, *rest)

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
        """An object of texts in an entry (``headers``, ``env``); a number or truth value is taken as its text where
        the client does."""
        value = raw.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(v, self.takes) for v in value.values()):
            raise self.not_texts(path, server, name)
        return {k: v if isinstance(v, str) else json.dumps(v) for k, v in value.items()}

    def not_texts(self, path: Path, server: str, name: str) -> FileProblem:
        """The sentence for an entry whose ``headers`` or ``env`` the client does not take."""
        why = f"`{name}` in it is not an object of texts"
        return self.skipped(path, server, why, f'Write `{name}` as {{"NAME": "value"}}.')


def read_file(path: Path) -> bytes | None:
    """A client's file, None where there is none.

    Raises:
        FileProblem: a folder, a pipe or a device, too big, or not to be read.
    """
    try:
        # a pipe without a writer would be waited for
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            held = os.fstat(handle)
            if stat.S_ISREG(held.st_mode) and held.st_size <= MAX_BYTES:
                with os.fdopen(handle, "rb", closefd=False) as stream:
                    return stream.read()
        finally:
            os.close(handle)
        if stat.S_ISREG(held.st_mode):
            raise too_big(str(path), held.st_size)
        detail, fix = "It is a pipe, a socket or a device, not a file.", "Name a file."
        if stat.S_ISDIR(held.st_mode):
            detail, fix = "It is a folder.", "Name a file, or move the folder away."
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        detail, fix = "It is a folder.", "Name a file, or move the folder away."
    except NotADirectoryError:
        detail, fix = "A part of its path is a file, not a folder.", "Name a path whose folders are folders."
    except PermissionError:
        detail, fix = "You are not allowed to read it.", f"Check its owner and mode: ls -l {pasted(path)}"
    except OSError as error:
        detail, fix = error.strerror or type(error).__name__, "Check the path."
    raise FileProblem("file-unreadable", f"{path} cannot be read.", detail, [fix, "Nothing was changed."])
