"""Clearing one login out of a cache, with a copy of what was there, and putting it back."""

from __future__ import annotations

import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wizard import backups, paths
from wizard.errors import FileProblem, UsageError
from wizard.reading import read_bytes

from . import content, look
from .described import known
from .model import BROKEN, CLOSED, Cached

if TYPE_CHECKING:
    from wizard.choice import Choice

_BUSY: Final = 60.0
"""Seconds. A program that began to write longer ago is not writing any more, whatever its lock says."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was cleared, and the private copies of the files as they were."""

    entries: tuple[Cached, ...]
    copies: tuple[Path, ...]


def clear(id: str, now: float | None = None) -> Cleared:
    """Clear the login with this id.

    Raises:
        UsageError: `unknown-login`. FileProblem: `login-busy` while its program writes it; `file-changed-meanwhile`,
        `cannot-write`, and then it is as it was.
    """
    now = time.time() if now is None else now
    known = look.every(now)
    entry = next((e for e in known if e.id == id), None)
    if entry is None:
        raise UsageError(
            "unknown-login",
            "No kept login has that id.",
            f"There is: {', '.join(e.id for e in known)}." if known else "There is none at all.",
            ["See: authwizard stores"],
        )
    return Cleared((entry,), _taken_out(entry, now))


def clear_for(choice: Choice, now: float | None = None) -> Cleared:
    """Clear the logins that a connection uses; none are cleared where none are kept. Raises: FileProblem as `clear`."""
    now = time.time() if now is None else now
    mine, _ = look.of_choice(choice, now)
    gone: list[Cached] = []
    copies: list[Path] = []
    for entry in mine:
        copies += _taken_out(entry, now)
        gone.append(entry)
    return Cleared(tuple(gone), tuple(copies))


def put_back(id: str) -> Path:
    """Put the login back that was cleared last under this id; its file.

    Raises:
        UsageError: `nothing-to-undo`. FileProblem: `newer-login`, where the program has written since.
    """
    path = backups.newest(_client(id))
    if path is None:
        raise UsageError(
            "nothing-to-undo", "No login with that id was cleared.", "", ["See: authwizard stores"]
        )
    try:
        backups.restore(path, _client(id))
    except FileProblem as problem:
        if problem.id != "file-changed-meanwhile":
            raise
        raise FileProblem(
            "newer-login",
            f"{path} was written again since, so the old login is not put back.",
            "Its program has logged in anew, or changed another login in it.",
            ["Use the new login.", "Nothing was changed."],
        ) from None
    return path


def _client(id: str) -> str:
    return f"login {id}"


def _taken_out(entry: Cached, now: float) -> tuple[Path, ...]:
    holder = entry.holder
    if holder is not None and holder.alive and holder.since and now - holder.since < _BUSY:
        raise FileProblem(
            "login-busy",
            f"{entry.program} (process {holder.pid}) is writing this login now.",
            f"It holds {holder.path}.",
            ["Wait until it is done, or end it, and try again.", "Nothing was changed."],
        )
    if len(entry.files) > 1 or entry.path not in entry.files:
        return _files(entry)
    before, mode = _read(entry.path), _mode(entry.path)
    after = _rest(entry, before)
    copy = backups.keep(entry.path, _client(entry.id), before, after, mode)
    try:
        if _read(entry.path) != before:
            raise FileProblem(
                "file-changed-meanwhile",
                f"{entry.path} was changed while it was read.",
                "",
                ["Try again.", "Nothing was changed."],
            )
        _replace(entry.path, after, mode)
    except FileProblem:
        backups.drop(entry.path, _client(entry.id))
        raise
    return (copy,) if copy else ()


def _files(entry: Cached) -> tuple[Path, ...]:
    """A login that is several files: all of them go, and come back together."""
    copies: list[Path] = []
    first, *others = entry.files
    before = {path: (_read(path), _mode(path)) for path in (*others, first)}
    for path, (held, mode) in before.items():
        more = tuple(others) if path == first else ()
        copy = backups.keep(path, _client(entry.id), held, None, mode, together=more)
        copies += [copy] if copy else []
    try:
        for path in entry.files:
            _replace(path, None, 0)
    except FileProblem:
        for path, (held, mode) in before.items():
            backups.drop(path, _client(entry.id))
            if not path.exists():
                paths.write_atomic(path, held, mode)
        raise
    return tuple(copies)


def _rest(entry: Cached, before: bytes) -> bytes | None:
    """The file without this login, and not another byte changed; None where nothing else is in it, or it cannot be
    understood."""
    if not entry.pointer or entry.state in (BROKEN, CLOSED):
        return None
    cache = next(c for c in known() if c.id == entry.store)
    if not cache.at and len(list(content.logins(content.parsed(before)))) < 2:
        return None
    from wizard import documents

    document = documents.read(
        before, str(entry.path), documents.YAML if cache.form == "yaml" else documents.JSON
    )
    if isinstance(document.value, list):
        names = [e.get(cache.named) if isinstance(e, dict) else None for e in document.value]
        return document.remove_item((), names.index(entry.pointer[0])).content
    return document.remove(entry.pointer).content


def _read(path: Path) -> bytes:
    return read_bytes(path, FileProblem)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _replace(path: Path, after: bytes | None, mode: int) -> None:
    if after is not None:
        paths.write_atomic(path, after, mode)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise FileProblem(
            "cannot-write",
            f"{path} could not be taken away.",
            problem.strerror or type(problem).__name__,
            ["Check that its folder is yours.", "Nothing was changed."],
        ) from None
