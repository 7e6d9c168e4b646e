"""A lock beside a credential file whose process is gone: who waits for it waits for nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from wizard.locks import alive

from .facts.file import LockFile

_LARGEST: Final = 4096
_PID: Final = re.compile(r"\s*(\d{1,9})\s*(?:[\s,:].*)?", re.S)


def dead(path: Path) -> LockFile | None:
    """The first lock of this file that names a process which does not run."""
    for place in _places(path):
        pid = _pid(place)
        if pid is not None and not alive(pid):
            return LockFile(str(place), pid)
    return None


def _places(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.lock")
    yield path.with_name(f".{path.name}.lock")
    yield path.with_name(f"{path.name}.pid")
    if path.suffix:
        yield path.with_suffix(".lock")


def _pid(place: Path) -> int | None:
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > _LARGEST:
            return None
        text = place.read_text("utf-8")
    except (OSError, ValueError):
        return None
    try:
        told = json.loads(text)
        found = told.get("pid") if isinstance(told, dict) else told
    except ValueError:
        match = _PID.fullmatch(text)
        found = int(match[1]) if match else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**31 else None
