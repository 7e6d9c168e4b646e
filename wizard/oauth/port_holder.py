"""Which program listens on a port of this machine, as far as `/proc` (proc(5)) tells."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_LISTENS: Final = "0A"
_WORDS: Final = 4


def holder(port: int, proc: Path = Path("/proc")) -> str:
    """The program as the middle of a sentence, such as "`nginx` (process 812)"; empty where it cannot be known:
    another system, or another person's process."""
    process = _holding(port, proc)
    return _named(process) if process else ""


def process_of(port: int, proc: Path = Path("/proc")) -> int | None:
    """The number of the process that listens on a port; None where it cannot be known."""
    process = _holding(port, proc)
    return int(process.name) if process else None


def _holding(port: int, proc: Path) -> Path | None:
    sockets = {f"socket:[{inode}]" for inode in _inodes(port, proc)}
    if not sockets:
        return None
    with suppress(OSError):
        for process in proc.iterdir():
            if process.name.isdecimal() and _holds(process, sockets):
                return process
    return None


def is_ours(held_by: str) -> bool:
    """Whether what `holder` says is this program; any other stands in backticks."""
    return held_by.startswith("another ")


def _inodes(port: int, proc: Path) -> set[str]:
    found: set[str] = set()
    for name in ("tcp", "tcp6"):
        with suppress(OSError, UnicodeDecodeError):
            for line in (proc / "net" / name).read_text("ascii").splitlines()[1:]:
                words = line.split()
                if len(words) > 9 and words[3] == _LISTENS and words[1].endswith(f":{port:04X}"):
                    found.add(words[9])
    return found


def _holds(process: Path, sockets: set[str]) -> bool:
    with suppress(OSError):
        for handle in (process / "fd").iterdir():
            with suppress(OSError):
                if str(handle.readlink()) in sockets:
                    return True
    return False


def _named(process: Path) -> str:
    number = int(process.name)
    if number == os.getpid():
        return f"another login of this very authwizard (process {number})"
    words, name = [], ""
    with suppress(OSError):
        # only where it begins: what stands further on may be a secret
        begun = (process / "cmdline").read_bytes().split(b"\0")[:_WORDS]
        words = [Path(os.fsdecode(word)).name for word in begun]
    with suppress(OSError):
        name = "".join(c for c in (process / "comm").read_text("utf-8", "replace") if c.isprintable())
    if "authwizard" in words or words[1:3] == ["-m", "wizard"]:
        return f"another authwizard (process {number})"
    return f"`{name}` (process {number})" if name else f"process {number}"
