"""One writer at a time, over processes and threads, for a file that is read, changed and written back."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .errors import FileProblem
from .paths import private_folder

SECONDS: Final = 5.0
STALE: Final = 60.0
"""Seconds. What is done under a lock takes milliseconds; a lock file this old was left by a process that died."""


@contextlib.contextmanager
def hold(path: Path, *, seconds: float = SECONDS, kernel: bool = True) -> Iterator[None]:
    """Hold the lock of the file at ``path`` (beside it, ``.NAME.lock``) while the block runs.

    ``kernel`` False leaves out flock, as on a system or a file system that has none.

    Raises:
        FileProblem: `file-busy` when another holds it all the time; `cannot-write`.
    """
    lock = path.with_name(f".{path.name}.lock")
    until = time.monotonic() + seconds
    try:
        private_folder(lock.parent)
        try:
            release = _flock(lock, until) if kernel else _exclusive(lock, until)
        except _NoKernelLock:
            release = _exclusive(lock, until)
    except OSError as problem:
        raise FileProblem(
            "cannot-write",
            f"{path} cannot be changed: no lock can be made beside it.",
            problem.strerror or type(problem).__name__,
            [f"Check that {path.parent} is a folder, is yours, and has room.", "Nothing was changed."],
        ) from None
    if release is None:
        raise FileProblem(
            "file-busy",
            f"{path} is being changed by another process.",
            f"Its lock was not free for {seconds:g} seconds.",
            ["Wait until the other one is done, then try again.", "Nothing was changed."],
        )
    with release:
        yield


class _NoKernelLock(Exception):
    """This system, or this file system, has no flock."""


def _flock(lock: Path, until: float) -> contextlib.ExitStack | None:
    """The kernel's lock, which ends with its process. None when it stays taken."""
    try:
        import fcntl
    except ImportError:
        raise _NoKernelLock from None
    with contextlib.ExitStack() as stack:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        stack.callback(os.close, handle)
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    return None
                time.sleep(0.01)
            except OSError:
                raise _NoKernelLock from None
            else:
                return stack.pop_all()


def _exclusive(beside: Path, until: float) -> contextlib.ExitStack | None:
    """A file that only one can create. None when it stays."""
    lock = beside.with_suffix(".pid")
    while True:
        try:
            handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            _drop_stale(lock)
            if time.monotonic() >= until:
                return None
            time.sleep(0.01)
        else:
            with os.fdopen(handle, "w") as stream:
                stream.write(str(os.getpid()))
            stack = contextlib.ExitStack()
            stack.callback(lock.unlink, missing_ok=True)
            return stack


def _drop_stale(lock: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - lock.stat().st_mtime > STALE:
            lock.unlink()
