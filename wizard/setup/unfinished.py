"""Drafts that wait to be finished: one private file a service, in the state folder. A file that cannot be
understood is passed over, and stays until a draft of its service takes its place."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from wizard import paths
from wizard.errors import FileProblem

from . import resume
from .draft import Draft
from .resume import Unfinished

_LIMIT: Final = 200_000


def folder() -> Path:
    """Where they are; not created by asking."""
    return paths.state_dir() / "unfinished"


def keep(d: Draft, step: str) -> None:
    """Keep the draft, in the place of an older one of its service; nothing before a service was chosen.

    Raises:
        FileProblem: it could not be written.
    """
    kept = resume.unfinished(d, step, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    if kept is not None:
        content = json.dumps(resume.as_json(kept), indent=1)
        paths.write_private(_place(kept.service), f"{content}\n".encode("utf-8", "backslashreplace"))


def every() -> tuple[Unfinished, ...]:
    """Every draft that can be gone on with, the newest first."""
    try:
        places = sorted(folder().glob("*.json"))
    except OSError:
        return ()
    found = [kept for kept in map(_read, places) if kept is not None]
    return tuple(sorted(found, key=lambda kept: kept.saved, reverse=True))


def get(service: str) -> Unfinished | None:
    """The draft of this service; None when there is none that can be gone on with."""
    return _read(_place(service))


def discard(service: str) -> None:
    """Forget the draft of this service, whatever its file holds."""
    with contextlib.suppress(OSError):
        _place(service).unlink()


def _place(service: str) -> Path:
    return folder() / f"{service}.json"


def _read(place: Path) -> Unfinished | None:
    from wizard.reading import read_text

    try:
        kept = resume.parse(json.loads(read_text(place, FileProblem, limit=_LIMIT)))
    except (FileProblem, ValueError, RecursionError):
        return None
    # a file of another name than its service was put there by somebody else
    return kept if kept is not None and _place(kept.service) == place else None
