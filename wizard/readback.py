"""Reading a written entry back as its client would, and holding it against what was planned."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from .clients import addresses, programs
from .clients.base import ConfigClient, read_file
from .clients.model import ENV, HELPER, PROMPT, Job
from .entries import Entry, Remote, RemotePlan, Slot, Stdio, realise, slots
from .errors import FileProblem, JobError
from .secret import Secret

_HELPER_SECONDS: Final = 20


def entry_of(client: ConfigClient, path: Path, job: Job, environ: Mapping[str, str] | None) -> Entry:
    """The entry in the file as the client would use it; see `wizard.export.read_back`."""
    server = job.plan.name
    reading = client.read(path, server, _promised(job, client, path, environ))
    entry = reading.entry
    if isinstance(entry, Remote) and job.how == HELPER and slots(job.plan):
        if reading.helper != client.headers_command(job.connection):
            raise not_as_written(path, server)
        sent = {**entry.headers, **_run_helper(reading.helper, client)}
        entry = replace(entry, headers=sent)
    if environ is None and not _as_planned(entry, job, client):
        raise not_as_written(path, server)
    return entry


def _promised(
    job: Job, client: ConfigClient, path: Path, environ: Mapping[str, str] | None
) -> dict[str, str]:
    if environ is not None:
        return dict(environ)
    out = dict(os.environ)
    for slot in slots(job.plan):
        secret = job.secrets.get(slot.field)
        if secret is None:
            continue
        if job.how == ENV and (slot.field not in job.variables or job.variable(slot) not in out):
            out[job.variable(slot)] = secret.reveal()
        if job.how == PROMPT:
            document = client.document(read_file(path), str(path))
            for name in client.prompt_ids(document, job, slot):
                out[f"input:{name}"] = secret.reveal()
    return out


def _as_planned(entry: Entry, job: Job, client: ConfigClient) -> bool:
    """Whether the client would use what was planned; a stdio helper brings its environment itself."""
    wanted = realise(job.plan, job.secrets)
    if isinstance(entry, Stdio) and isinstance(wanted, Stdio):
        if job.how == HELPER and slots(job.plan):
            return entry.command == programs.exec_command(job.connection, wanted.command)
        return (entry.command, dict(entry.env)) == (wanted.command, dict(wanted.env))
    if isinstance(entry, Remote) and isinstance(wanted, Remote):
        fresh = _fresh(job)
        held = {n: v for n, v in entry.headers.items() if n not in fresh}
        planned = {n: v for n, v in wanted.headers.items() if n not in fresh}
        transport = client.transport(wanted.transport)
        same = (held, entry.transport) == (planned, transport) and addresses.same(entry, wanted)
        return same and fresh <= set(entry.headers)
    return False


def _fresh(job: Job) -> frozenset[str]:
    """The headers that a helper fills with another value each time it is run."""
    if job.how != HELPER or not isinstance(job.plan, RemotePlan):
        return frozenset()
    return frozenset(
        name
        for name, value in job.plan.headers.items()
        if any(isinstance(p, Slot) and p.fresh for p in value)
    )


def not_as_written(path: Path, server: str) -> FileProblem:
    return FileProblem(
        "read-back-differs",
        f"{path} does not say what was written for `{server}`.",
        "Read as the client reads it, the entry is another one.",
        [
            "Look whether another program writes this file.",
            "Run the export again, or take it back with --undo.",
        ],
    )


def _run_helper(command: str, client: ConfigClient) -> dict[str, Secret]:
    """Run a headers helper as the client does: through the shell, with what it hands on of the environment, JSON object
    of texts on its output."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S602  # the client runs this very text through a shell, and we wrote it
            command,
            shell=True,
            capture_output=True,
            timeout=_HELPER_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(client.handed_on(os.environ)),
        )
    except subprocess.TimeoutExpired:
        raise _helper_failed(client.title, f"It did not end within {_HELPER_SECONDS} seconds.") from None
    if done.returncode != 0:
        raise _helper_failed(client.title, f"It ended with exit code {done.returncode}.")
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise _helper_failed(client.title, "Its output is not a JSON object of texts.")
    return {name: Secret(value) for name, value in found.items()}


def _helper_failed(title: str, detail: str) -> JobError:
    return JobError(
        "helper-failed",
        f"The helper that gives {title} the headers does not work.",
        detail,
        ["Run `authwizard headers NAME` in a shell to see what it says.", "Then run the export again."],
    )
