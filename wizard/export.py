"""Writing an entry into a client's config: plan, preview, atomic write with a backup, read back, undo."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from . import backups, clients, paths, preview, readback
from . import written as written_entries
from .clients import programs
from .clients.base import ENV, INLINE, Client, Job, JsonClient, read_file
from .clients.curl import Curl
from .entries import Entry, EntryPlan, RemotePlan, Slot, realise, slots
from .errors import FileProblem, UsageError
from .secret import MASK, Secret
from .spans import Document

_NO_SOURCES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UsedReference:
    """How the client comes by one secret. ``line`` is the shell line that makes it work, None where none is
    needed; ``var`` the variable that the client, or its child, reads."""

    field: str
    how: str
    var: str | None
    line: str | None

    def as_json(self) -> dict[str, object]:
        """The contract's reference."""
        return {"field": self.field, "how": self.how, "var": self.var, "line": self.line}


@dataclass(frozen=True, slots=True)
class Change:
    """What would be written. ``before`` and ``after`` are the file's bytes (None: no file, or no file of its
    own); ``diff`` and ``text`` hold no secret."""

    client: str
    server: str
    path: Path | None
    diff: str
    changed: bool
    how: str
    references: tuple[UsedReference, ...]
    text: str | None
    next_act: tuple[str, ...]
    proof_after: str
    mode: int
    before: bytes | None = field(repr=False)
    after: bytes | None = field(repr=False)
    job: Job | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Written:
    """A change that is on disk (or needed no writing), and the copy of the file as it was."""

    change: Change
    backup: Path | None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export came to. ``read_back`` and ``answered`` are None where they were not tried."""

    change: Change
    backup: Path | None = None
    read_back: bool | None = None
    answered: bool | None = None

    def as_json(self) -> dict[str, object]:
        """The contract's ``export`` answer."""
        change = self.change
        return {
            "schema": 1,
            "client": change.client,
            "path": str(change.path) if change.path else None,
            "changed": change.changed,
            "backup": str(self.backup) if self.backup else None,
            "diff": change.diff,
            "text": change.text,
            "references": [r.as_json() for r in change.references],
            "proof": {"read_back": self.read_back, "answered": self.answered, "after": change.proof_after},
        }


def prepare(
    plan: EntryPlan,
    connection: str,
    client_id: str,
    *,
    project: bool,
    path: Path | None,
    how: str | None,
    secrets: Mapping[str, Secret],
    sources: Mapping[str, str] = _NO_SOURCES,
    speaks: str = "mcp",
) -> Change:
    """What would be written, and nothing written.

    Args:
        how: one of ``helper prompt env file inline``; None: the safest that works.
        sources: where each field is kept; one kept as ``env:VAR`` is referred to by that very variable.
        speaks: ``mcp`` or ``api``, for a script that asks the server.

    Raises:
        UsageError: the client, or the secret's own characters, do not allow the way.
        FileProblem: the file is not what the client could read.
    """
    client = clients.get(client_id)
    variables = {f: s.removeprefix("env:") for f, s in sources.items() if s.startswith("env:")}

    def make(way: str) -> Job:
        return Job(client.form(plan, way), connection, way, secrets, variables, speaks)

    job = _job(client, plan, how, make)
    where = _place(client, project, path)
    if isinstance(client, JsonClient) and where is not None:
        before = read_file(where)
        document = client.document(before, str(where))
        after, diff = _merged(client, document, job, before)
        text = None
    else:
        before = read_file(where) if where else None
        after, diff, text = _scripted(client, job, where, before)
    references = tuple(_reference(job, slot) for slot in slots(plan))
    lines = [r.line for r in references if r.line]
    acts = tuple(f"Put this line into your shell's profile, then open a new shell: {line}" for line in lines)
    return Change(
        client=client_id,
        server=plan.name,
        path=where,
        diff=diff,
        changed=where is not None and before != after,
        how=job.how,
        references=references,
        text=text,
        next_act=(*acts, *client.next_act(plan.name, project)),
        proof_after=client.after(job, project),
        mode=_mode(client, job, where),
        before=before,
        after=after if where else None,
        job=job,
    )


def remove(name: str, client_id: str, *, project: bool, path: Path | None) -> Change:
    """The change that takes an entry out again; ``changed`` is False where there is none."""
    client = clients.get(client_id)
    where = _place(client, project, path)
    if not isinstance(client, JsonClient) or where is None:
        raise UsageError(
            "client-cannot",
            f"{client.title} has no config to take `{name}` out of.",
            "",
            ["Delete the script itself."],
        )
    before = read_file(where)
    document = client.document(before, str(where))
    rest = client.without(document, name) if before is not None and client.servers(where) else document
    old = preview.pretty(name, preview.masked(document.get(client.key, name), frozenset()))
    same = rest is document
    diff = "" if same else preview.diff(where, f"{client.key}.{name}", old, [], existed=True)
    return Change(
        client=client_id,
        server=name,
        path=where,
        diff=diff,
        changed=not same,
        how="",
        references=(),
        text=None,
        next_act=(f"Start {client.title} again.",),
        proof_after="restart",
        mode=_present_mode(where) or 0o644,
        before=before,
        after=before if same else rest.content,
    )


def write(change: Change) -> Written:
    """Write it: a copy of the file as it was, then the whole new file at once.

    Raises:
        FileProblem: the file changed since the preview, or cannot be written; nothing was changed then.
    """
    path = change.path
    if path is None or change.after is None:
        return Written(change, None)
    if not change.changed:
        _narrow(path, change.mode)
        written_entries.note(change.client, path, change.server, change.how)
        return Written(change, None)
    if read_file(path) != change.before:
        raise FileProblem(
            "file-changed-meanwhile",
            f"{path} was changed by another program since the preview.",
            "",
            ["Run it again: the preview then starts from the file as it is now.", "Nothing was changed."],
        )
    if change.before is not None and not os.access(path, os.W_OK):
        raise FileProblem(
            "cannot-write",
            f"{path} is read-only.",
            "",
            [f"If you want it changed: chmod u+w {path}", "Nothing was changed."],
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileProblem(
            "cannot-write",
            f"The folder {path.parent} could not be made.",
            error.strerror or type(error).__name__,
            ["Check who owns the folder above it.", "Nothing was changed."],
        ) from error
    record = backups.keep(path, change.client, change.before, change.after, _present_mode(path))
    try:
        paths.write_atomic(path, change.after, change.mode)
    except FileProblem:
        backups.drop(path, change.client)
        raise
    written_entries.note(change.client, path, change.server, change.how)
    return Written(change, record)


def undo(client_id: str, *, project: bool, path: Path | None) -> Path:
    """Bring a client's file back to what it was before the last write; the path of the file.

    Raises:
        UsageError: there is nothing to undo.
        FileProblem: the file was changed since.
    """
    client = clients.get(client_id)
    where = _place(client, project, path)
    if where is None:
        raise UsageError(
            "nothing-to-undo", f"{client.title} has no file of its own.", "", ["Name it with --path."]
        )
    backups.restore(where, client_id)
    return where


def read_back(
    written: Written,
    environ: Mapping[str, str] | None = None,
    *,
    secrets: Mapping[str, Secret] | None = None,
) -> Entry:
    """The entry as the client would now use it, read from the file. ``secrets`` are those that the client would then
    come by, where there are more of them than when the change was prepared (an access token).

    Without ``environ``, as it is when the promised shell lines are in place and prompts are answered. A
    headers helper is run, as the client would; a stdio helper is the command that is to be started.

    Raises:
        JobError: the file does not say what was written, or the helper fails.
    """
    change = written.change
    job = change.job
    if job is None:
        raise UsageError("nothing-to-read", "An entry that was taken out cannot be read back.")
    if secrets is not None:
        job = replace(job, secrets=secrets)
    client = clients.get(change.client)
    if isinstance(client, JsonClient) and change.path is not None:
        return readback.entry_of(client, change.path, job, environ)
    if change.path is not None and read_file(change.path) != change.after:
        raise readback.not_as_written(change.path, change.server)
    return realise(job.plan, job.secrets)


def _place(client: Client, project: bool, path: Path | None) -> Path | None:
    return path.expanduser().absolute() if path else client.path(project)


def _job(
    client: Client,
    plan: EntryPlan,
    how: str | None,
    make: Callable[[str], Job],
) -> Job:
    ways = client.ways(plan)
    kind = "remote" if isinstance(plan, RemotePlan) else "stdio"
    if not ways:
        raise UsageError(
            "client-cannot", f"{client.title} cannot use a {kind} server.", "", ["Choose another client."]
        )
    if how is not None and how not in ways:
        raise UsageError(
            "way-not-possible",
            f"{client.title} cannot do `--secrets {how}` for a {kind} server.",
            f"It can do: {', '.join(ways)}.",
            ["Choose one of them, or leave it out for the safest.", "Nothing was written."],
        )
    if how is not None:
        job = make(how)
        client.check(job)
        if how == INLINE and any(s.fresh for s in slots(plan)):
            raise UsageError(
                "way-not-possible",
                "An access token is not written into a file: it is obtained anew each time, and expires.",
                f"{client.title} can do: {', '.join(w for w in ways if w != INLINE) or 'nothing else'}.",
                ["Leave --secrets out for the safest way.", "Nothing was written."],
            )
        absent = [s.field for s in slots(plan) if s.field not in job.secrets]
        if how == INLINE and absent:
            raise UsageError("secret-missing", f"There is no value for {', '.join(absent)} to write.")
        return job
    held = slots(plan)
    if held and ENV in ways and all(s.field in make(ENV).variables for s in held):
        ways = (ENV, *(w for w in ways if w != ENV))
    first: UsageError | None = None
    for way in (w for w in ways if w != INLINE or not held):
        job = make(way)
        try:
            client.check(job)
        except UsageError as error:
            first = first or error
        else:
            return job
    raise first or UsageError("way-not-possible", f"{client.title} has no safe way; name one with --secrets.")


def _masked(job: Job) -> Job:
    hidden = {name: Secret(MASK) for name in job.secrets}
    return Job(job.plan, job.connection, job.how, hidden, job.variables, job.speaks)


def _merged(client: JsonClient, document: Document, job: Job, before: bytes | None) -> tuple[bytes, str]:
    edits, shown = client.edits(document, job), client.edits(document, _masked(job))
    after, parts = document, []
    for edit, masked in zip(edits, shown, strict=True):
        once = edit.apply(after)
        if once is not after:
            label, name = ".".join(edit.path), edit.path[-1]
            held = None if edit.append else document.get(*edit.path)
            old = preview.pretty(name, preview.masked(held, preview.texts(masked.value)))
            new = preview.pretty(name, [masked.value] if edit.append else masked.value)
            parts.append(preview.diff(Path(document.where), label, old, new, existed=before is not None))
        after = once
    content = before if after is document and before is not None else after.content
    header, *_ = parts or [""]
    rest = "".join("".join(p.splitlines(keepends=True)[2:]) for p in parts[1:])
    return content, header + rest


def _scripted(
    client: Client, job: Job, where: Path | None, before: bytes | None
) -> tuple[bytes, str, str | None]:
    if not isinstance(client, Curl):
        raise UsageError("client-cannot", f"{client.title} has no file here; name one with --path.")
    if where is None and job.how == INLINE and slots(job.plan):
        raise UsageError(
            "inline-needs-path",
            "An answer holds no secret, so a script with the secret in it needs a file.",
            "",
            ["Name one with --path, or leave --secrets out."],
        )
    content, shown = client.script(job).encode(), client.script(_masked(job))
    if where is None:
        return content, "", shown
    if before == content:
        return content, "", None
    old = [] if before is None else [f"(the file as it was, {len(before.splitlines())} lines)"]
    return (
        content,
        preview.diff(where, client.title, old, shown.splitlines(), existed=before is not None),
        None,
    )


def _reference(job: Job, slot: Slot) -> UsedReference:
    if job.how == ENV:
        own = slot.field in job.variables
        variable = job.variable(slot)
        line = None if own else programs.posix_line(variable, job.connection, slot.field)
        return UsedReference(slot.field, ENV, variable, line)
    child = None
    if not isinstance(job.plan, RemotePlan):
        child = next((name for name, value in job.plan.env.items() if slot in value), None)
    return UsedReference(slot.field, job.how, child, None)


def _present_mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _mode(client: Client, job: Job, where: Path | None) -> int:
    if isinstance(client, Curl):
        return 0o700
    present = _present_mode(where) if where else None
    if job.how == INLINE and slots(job.plan):
        return 0o600 & present if present is not None else 0o600
    if present is None:
        return 0o600 if where and where.parent == Path.home() else 0o644
    return present


def _narrow(path: Path, mode: int) -> None:
    present = _present_mode(path)
    if present is not None and present & ~mode:
        path.chmod(present & mode)
