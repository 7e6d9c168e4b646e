"""Writing an entry into a client's config: plan, preview, atomic write with a backup, read back, undo."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from . import backups, clients, locks, readback
from .change import Change, ExportReport, UsedReference, Written
from .clients import choosing, programs
from .clients.base import ConfigClient, read_file
from .clients.composing import Composed
from .clients.model import ENV, FILE, INLINE, OAUTH, Client, Job, masked
from .entries import Entry, EntryPlan, RemotePlan, Slot, realise, slots
from .errors import AuthwizardError, FileProblem, UsageError
from .putting import foreign, lock, present_mode, write
from .secret import Secret

__all__ = [
    "Change",
    "ExportReport",
    "UsedReference",
    "Written",
    "foreign",
    "prepare",
    "read_back",
    "remove",
    "undo",
    "wants_values",
    "write",
]

_NO_SOURCES: Final[Mapping[str, str]] = MappingProxyType({})


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
        how: one of ``oauth helper prompt env file inline``; None: the safest that works.
        sources: where each field is kept; one kept as ``env:VAR`` is referred to by that very variable.
        speaks: ``mcp`` or ``api``, which no MCP client can ask.

    Raises:
        UsageError: the client, or the secret's own characters, do not allow the way.
        FileProblem: the file is not what the client could read.
    """
    client = clients.get(client_id)
    variables = {f: s.removeprefix("env:") for f, s in sources.items() if s.startswith("env:")}
    where = _place(client, project, path)
    shared = where is not None and where != client.path(False)

    def make(way: str) -> Job:
        return Job(choosing.form(client, plan, way), connection, way, secrets, variables, speaks, shared)

    job = choosing.job(client, plan, how, speaks, make)
    before = read_file(where) if where else None
    composed = _composed(client, job, where, before)
    mode = _mode(client, job, where)
    beside = tuple(
        _beside(
            client_id,
            plan.name,
            b.path,
            _composed(b.writer, job, b.path, read_file(b.path)),
            _mode(client, job, b.path),
        )
        for b in (client.beside(where, job) if where else ())
    )
    references = tuple(_reference(job, slot) for slot in slots(job.plan))
    lines = [r.line for r in references if r.line]
    own = client.login_acts(job) if job.how == OAUTH else ()
    acts = own + tuple(
        f"Put this line into your shell's profile, then open a new shell: {line}" for line in lines
    )
    return Change(
        client=client_id,
        server=plan.name,
        path=where,
        diff="".join((composed.diff, *(c.diff for c in beside))),
        changed=where is not None and (before != composed.after or any(c.changed for c in beside)),
        how=job.how,
        references=references,
        text=composed.text,
        next_act=(*client.next_act(plan.name, project)[:1], *acts)
        if job.how == OAUTH
        else (*acts, *client.next_act(plan.name, project)),
        proof_after="approve" if job.how == OAUTH else client.after(job, project),
        mode=mode,
        before=before,
        after=composed.after if where else None,
        job=job,
        beside=beside,
        unproven=choosing.unproven(client, plan, job.how),
        replaces=composed.replaces,
        # it writes into the places that the program knows, and into no other
        command=client.command_line(masked(job), project) if path is None else (),
    )


def wants_values(client_id: str, plan: EntryPlan, how: str | None) -> bool:
    """Whether this way puts the values themselves into a file, as a gateway's own token files hold them: then an
    access token has to be at hand when the change is prepared."""
    ways = choosing.ways_of(clients.get(client_id), plan)
    return bool(slots(plan)) and (how or next(iter(ways), None)) == FILE


def remove(name: str, client_id: str, *, project: bool, path: Path | None) -> Change:
    """The change that takes an entry out again; ``changed`` is False where there is none."""
    client = clients.get(client_id)
    where = _place(client, project, path)
    before = read_file(where) if where else None
    composed = client.compose_without(name, where, before)
    mode = (present_mode(where) if where else None) or 0o600
    beside = tuple(
        _beside(
            client_id,
            name,
            b.path,
            b.writer.compose_without(name, b.path, read_file(b.path)),
            present_mode(b.path) or 0o600,
        )
        for b in (client.beside(where, None) if where else ())
    )
    return Change(
        client=client_id,
        server=name,
        path=where,
        diff="".join((composed.diff, *(c.diff for c in beside))),
        changed=bool(composed.diff) or any(c.changed for c in beside),
        how="",
        references=(),
        text=None,
        next_act=(f"Start {client.title} again.",),
        proof_after="restart",
        mode=mode,
        before=before,
        after=composed.after if composed.diff else before,
        beside=beside,
        replaces=composed.replaces,
    )


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
    with locks.hold(lock()):
        backups.restore(where, client_id)
    return where


def read_back(
    written: Written,
    environ: Mapping[str, str] | None = None,
    *,
    secrets: Mapping[str, Secret] | None = None,
) -> Entry:
    """The entry as the client would now use it, read from the file. ``secrets`` are those that the client would then
    come by, where there are more of them than when the change was prepared (an access token); where the values
    themselves were written it is those that count.

    Without ``environ``, as it is when the promised shell lines are in place and prompts are answered. A
    headers helper is run, as the client would; a stdio helper is the command that is to be started.

    Raises:
        JobError: the file does not say what was written, or the helper fails.
    """
    change = written.change
    job = change.job
    if job is None:
        raise UsageError("nothing-to-read", "An entry that was taken out cannot be read back.")
    if secrets is not None and job.how not in (INLINE, FILE):
        job = replace(job, secrets=secrets)
    client = clients.get(change.client)
    for part in change.beside:
        if part.path is not None and read_file(part.path) != part.after:
            raise readback.not_as_written(part.path, change.server)
    if isinstance(client, ConfigClient) and change.path is not None:
        return readback.entry_of(client, change.path, job, environ)
    if change.path is not None and read_file(change.path) != change.after:
        raise readback.not_as_written(change.path, change.server)
    return realise(job.plan, job.secrets)


def _composed(client: Client | ConfigClient, job: Job, where: Path | None, before: bytes | None) -> Composed:
    """The file with its entry; a refusal carries the entry as it was to stand there."""
    try:
        return client.compose(job, where, before)
    except FileProblem as problem:
        with contextlib.suppress(AuthwizardError):
            problem.snippet = client.compose(masked(job), where, None).after.decode()
        raise


def _place(client: Client, project: bool, path: Path | None) -> Path | None:
    return client.place(path.expanduser().absolute()) if path else client.path(project)


def _beside(client: str, server: str, path: Path, composed: Composed, mode: int) -> Change:
    before = read_file(path)
    changed = bool(composed.diff)
    return Change(
        client=client,
        server=server,
        path=path,
        diff=composed.diff,
        changed=changed,
        how="",
        references=(),
        text=None,
        next_act=(),
        proof_after="now",
        mode=mode,
        before=before,
        after=composed.after if changed else before,
        replaces=composed.replaces,
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


def _mode(client: Client, job: Job, where: Path | None) -> int:
    if client.executable:
        return 0o700
    present = present_mode(where) if where else None
    if client.private or job.how == FILE or (job.how == INLINE and slots(job.plan)):
        return 0o600 & present if present is not None else 0o600
    if present is None:
        return 0o600 if where and where.parent == Path.home() else 0o644
    return present
