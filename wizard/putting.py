"""Putting a change into its files: one writer at a time, a copy first, and anew where another program was quicker."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from . import backups, clients, locks, paths
from . import written as written_entries
from .change import Change, Written
from .clients.base import read_file
from .errors import FileProblem
from .pasting import pasted

_MEANWHILE: Final = "file-changed-meanwhile"


def lock() -> Path:
    """What is locked (`wizard.locks`) while a client's file is changed."""
    return paths.data_dir() / "export"


def foreign(change: Change) -> bool:
    """Whether it replaces an entry that this program did not write, or that was changed since."""
    if change.path is None or not any(held is not None for held in change.replaces or ()):
        return False
    where = str(change.path.absolute())
    ours = [r for r in written_entries.of(change.server) if (r.client, r.path) == (change.client, where)]
    return not any(written_entries.untouched(record) for record in ours)


def write(change: Change) -> Written:
    """Write it: a copy of the file as it was, then the whole new file at once. Where another program changed other
    parts of the file since the preview, the same edit is done to the file as it is now; the change in the answer says
    what was written.

    Raises:
        FileProblem: the entry itself changed since the preview, another program writes the file again and again, or it
            cannot be written; nothing was changed then.
    """
    path = change.path
    if path is None:
        return Written(change, None)
    record: Path | None = None
    if any(part.own for part in (*change.beside, change)):
        with locks.hold(lock()):
            change, record = _written(change)
    for part in (*change.beside, change):
        if part.path is not None and not part.own:
            _narrow(part.path, part.mode)
    written_entries.note(change.client, path, change.server, change.how)
    return Written(change, record)


def _written(change: Change) -> tuple[Change, Path | None]:
    """The change as it was written, and the copy; tried anew where another program was quicker."""
    for last in (False, False, True):
        change = _as_now(change)
        try:
            return change, _put_all(change)
        except FileProblem as problem:
            if problem.id != _MEANWHILE or last:
                raise
    raise AssertionError


def _put_all(change: Change) -> Path | None:
    """Write all its files, or none."""
    for part in (*change.beside, change):
        if part.own:
            _ready(part)
    done: list[Change] = []
    try:
        for part in change.beside:
            if part.own:
                _put(part)
                done.append(part)
        return _put(change, tuple(c.path for c in done if c.path)) if change.changed else None
    except FileProblem:
        for part in reversed(done):
            if part.path is not None:
                backups.restore(part.path, part.client)
        raise


def _as_now(change: Change) -> Change:
    """The change for the files as they are now.

    Raises:
        FileProblem: something else would be replaced than was shown.
    """
    parts = (*change.beside, change)
    if all(part.path is None or read_file(part.path) == part.before for part in parts):
        return change
    client, where, job = clients.get(change.client), change.path, change.job
    writers = {b.path: b.writer for b in (client.beside(where, job) if where else ())}
    again: list[Change] = []
    shown: list[str] = []
    for part in parts:
        writer = client if part is change else writers.get(part.path) if part.path else None
        if part.path is None or writer is None:
            raise _meanwhile(change)
        now = read_file(part.path)
        if job is not None:
            composed = writer.compose(job, part.path, now)
        else:
            composed = writer.compose_without(part.server, part.path, now)
        if composed.replaces is None or composed.replaces != part.replaces:
            raise _meanwhile(part)
        shown.append(composed.diff)
        again.append(replace(part, before=now, after=composed.after if composed.diff else now))
    if "".join((shown[-1], *shown[:-1])) != change.diff:
        raise _meanwhile(change)
    return replace(again[-1], beside=tuple(again[:-1]))


def _meanwhile(change: Change) -> FileProblem:
    return FileProblem(
        _MEANWHILE,
        f"{change.path} was changed by another program since the preview.",
        "",
        ["Run it again: the preview then starts from the file as it is now.", "Nothing was changed."],
    )


def _ready(change: Change) -> None:
    """Raises FileProblem where the file is not as it was looked at, or must not be written."""
    path = change.path
    if path is None:
        return
    if read_file(path) != change.before:
        raise _meanwhile(change)
    if change.before is not None and not os.access(path, os.W_OK):
        raise FileProblem(
            "cannot-write",
            f"{path} is read-only.",
            "",
            [f"If you want it changed: chmod u+w {pasted(path)}", "Nothing was changed."],
        )


def _put(change: Change, together: tuple[Path, ...] = ()) -> Path | None:
    """Write one file; ``together`` are those that were written just before, and go back with it."""
    path, after = change.path, change.after
    if path is None or after is None:
        return None
    try:
        if change.mode & 0o077:
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            paths.private_folder(path.parent)
    except OSError as error:
        raise FileProblem(
            "cannot-write",
            f"The folder {path.parent} could not be made.",
            error.strerror or type(error).__name__,
            ["Check who owns the folder above it.", "Nothing was changed."],
        ) from error
    record = backups.keep(path, change.client, change.before, after, present_mode(path), together=together)
    try:
        paths.write_atomic(path, after, change.mode, partial(_ready, change))
    except FileProblem:
        backups.drop(path, change.client)
        raise
    return record


def present_mode(path: Path) -> int | None:
    """The permissions of a file; None where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _narrow(path: Path, mode: int) -> None:
    present = present_mode(path)
    if present is not None and present & ~mode:
        path.chmod(present & mode)
