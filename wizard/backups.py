"""Copies of other programs' files as they were before a write, private, so that a write can be taken back."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from . import paths
from .errors import FileProblem, UsageError

_KEPT: Final = 10


def folder() -> Path:
    """Where the copies are; not created by asking."""
    return paths.data_dir() / "backups"


def keep(
    path: Path,
    client: str,
    before: bytes | None,
    after: bytes | None,
    mode: int | None,
    *,
    together: tuple[Path, ...] = (),
) -> Path | None:
    """Keep the file as it was (None: there was none) and a note of what replaces it (None: nothing, it is taken away);
    the copy's path.

    ``together`` are other files whose newest copies belong to the same write: they are restored with this one.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    stem = f"{stamp}-{_mark(path, client)}"
    copy = None if before is None else folder() / f"{stem}-{path.name.lstrip('.')}"
    if copy is not None and before is not None:
        paths.write_private(copy, before)
    note = {
        "path": str(path.absolute()),
        "client": client,
        "copy": copy.name if copy else None,
        "mode": mode,
        "written": None if after is None else hashlib.sha256(after).hexdigest(),
        "together": [str(p.absolute()) for p in together],
    }
    try:
        paths.write_private(folder() / f"{stem}.json", json.dumps(note).encode())
    except FileProblem:
        if copy is not None:
            copy.unlink(missing_ok=True)
        raise
    for old in _notes(path, client)[:-_KEPT]:
        _forget(old)
    for left in _without_note(path, client):
        left.unlink(missing_ok=True)
    return copy


def newest(client: str) -> Path | None:
    """The file of the newest write that was kept for this one, whatever its path; None where there is none."""
    for note in sorted(folder().glob("*.json"), reverse=True):
        told = _told(note)
        if told is not None and told["client"] == client:
            return Path(told["path"])
    return None


def drop(path: Path, client: str) -> None:
    """Forget the newest copy: what it was made for did not happen."""
    for note in _notes(path, client)[-1:]:
        _forget(note)


def restore(path: Path, client: str) -> None:
    """Bring the file back to the newest copy, and forget that copy.

    Raises:
        UsageError: there is none.
        FileProblem: the file is not what was written, so going back would lose somebody's change.
    """
    notes = _happened(path, _notes(path, client))
    if not notes:
        raise UsageError(
            "nothing-to-undo",
            f"Nothing was written to {path} that could be taken back.",
            "",
            ["Check the path."],
        )
    note = _told(notes[-1]) or {}
    others = [(Path(p), found[-1]) for p in note.get("together", []) if (found := _notes(Path(p), client))]
    # the note that names the others goes last: killed in between, the same can be done again
    parts = [
        (place, newest, told)
        for place, newest in (*others, (path, notes[-1]))
        if (told := _told(newest)) is not None
    ]
    left = [(place, held) for place, _, held in parts if not _is_back(place, held)]
    for place, held in left:
        _unchanged(place, held)
    for place, held in left:
        _back(place, held)
    for _, newest, _ in parts:
        _forget(newest)


def _unchanged(path: Path, note: Mapping[str, Any]) -> None:
    """Raises FileProblem where the file is not what was written."""
    try:
        now: bytes | None = path.read_bytes()
    except FileNotFoundError:
        now = None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise FileProblem(
            "file-unreadable", f"{path} cannot be read.", detail, ["Check its owner and mode."]
        ) from None
    if (None if now is None else hashlib.sha256(now).hexdigest()) != note["written"]:
        copy = f" The copy is {folder() / note['copy']}." if note["copy"] else ""
        raise FileProblem(
            "file-changed-meanwhile",
            f"{path} was changed after it was written, so it is not taken back.",
            "Going back would lose that change.",
            [f"Take only the entry out with --remove.{copy}", "Nothing was changed."],
        )


def _back(path: Path, note: Mapping[str, Any]) -> None:
    if note["copy"] is None:
        Path(os.path.realpath(path)).unlink()
        return
    content = _copied(note)
    if content is None:
        raise FileProblem(
            "copy-gone",
            f"The copy of {path} from before the write is gone.",
            str(folder() / note["copy"]),
            ["Take only the entry out: --remove."],
        )
    paths.write_atomic(path, content, note["mode"] if note["mode"] is not None else 0o600)


def _mark(path: Path, client: str) -> str:
    return hashlib.sha256(f"{client}\0{path.absolute()}".encode()).hexdigest()[:12]


def _notes(path: Path, client: str) -> list[Path]:
    """Those that can be read."""
    found = sorted(folder().glob(f"*-{_mark(path, client)}.json"))
    return [note for note in found if _told(note) is not None]


def _told(note: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) and {"path", "client", "copy", "written"} <= told.keys() else None


def _copied(note: Mapping[str, Any]) -> bytes | None:
    """The file as it was; None where there is no copy."""
    try:
        return (folder() / note["copy"]).read_bytes() if note["copy"] else None
    except OSError:
        return None


def _happened(path: Path, notes: list[Path]) -> list[Path]:
    """The notes without the newest ones whose write never came to be (its process was killed before it), was taken
    back already, or can be no more, for their copy is gone. Those are forgotten."""
    while notes:
        note = _told(notes[-1]) or {"copy": None}
        gone = bool(note["copy"]) and _copied(note) is None
        if not gone and not _is_back(path, note):
            return notes
        _forget(notes.pop())
    return notes


def _is_back(path: Path, note: Mapping[str, Any]) -> bool:
    """Whether the file is as the note's copy; one that cannot be read is not."""
    try:
        now: bytes | None = path.read_bytes()
    except FileNotFoundError:
        now = None
    except OSError:
        return False
    was = _copied(note)
    return now == was and (was is not None or not note["copy"])


def _without_note(path: Path, client: str) -> list[Path]:
    """Copies of this file without a note (their process was killed in between), and notes that cannot be read."""
    noted = {note.stem for note in _notes(path, client)}
    found = folder().glob(f"*-{_mark(path, client)}[-.]*")
    return [left for left in found if "-".join(left.stem.split("-")[:2]) not in noted]


def _forget(note: Path) -> None:
    """The note first: a copy without one is taken away by the next write, a note without its copy lies."""
    name = (_told(note) or {}).get("copy")
    note.unlink(missing_ok=True)
    if name:
        (folder() / name).unlink(missing_ok=True)
