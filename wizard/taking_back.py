"""Taking back what was written into clients' files, each file from the copy that was kept of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import backups, written
from .change import Change
from .errors import AuthwizardError


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A change that was taken back, or ``why`` it was not: then its file is as it was left."""

    change: Change
    why: str = ""


def take_back(changes: Iterable[Change]) -> tuple[TakenBack, ...]:
    """Take back each change that wrote something, the last one first: two may be of one file."""
    done = [TakenBack(c, _taken_back(c)) for c in reversed([c for c in changes if c.path and c.changed])]
    return tuple(reversed(done))


def _taken_back(change: Change) -> str:
    """Why it could not be; empty where it was."""
    path = change.path
    if path is None:
        return ""
    try:
        backups.restore(path, change.client)
        if not written.fingerprint(change.client, path, change.server):
            written.note(change.client, path, change.server, change.how)
    except AuthwizardError as error:
        return " ".join(part for part in (error.title, error.detail, *error.fix) if part)
    return ""
