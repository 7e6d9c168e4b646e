"""One writer at a time, over processes and threads, for a file that is read, changed and written back."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

from .errors import FileProblem
from .paths import private_folder

SECONDS: Final = 5.0
STALE: Final = 60.0
"""Seconds. What is done under a lock takes milliseconds; a lock file this old was left by a process that died."""

_PAUSE: Final = 0.01


@contextlib.contextmanager
def hold(path: Path, *, seconds: float = SECONDS, kernel: bool = True) -> Iterator[None]:
    """Hold the lock of the file at ``path`` (beside it, ``.NAME.lock``) while the block runs.

    ``kernel`` False leaves out flock, as on a system or a file system that has none.

    Raises:
        FileProblem: `file-busy` when another holds it all the time; `cannot-write`.
    """
    until = time.monotonic() + seconds
    while (release := _attempt(path, kernel, STALE)) is None:
        if time.monotonic() >= until:
            raise _busy(path, seconds)
        time.sleep(_PAUSE)
    with release:
        yield


@contextlib.asynccontextmanager
async def hold_async(
    path: Path,
    *,
    seconds: float = SECONDS,
    stale: float = STALE,
    kernel: bool = True,
    on_wait: Callable[[], None] | None = None,
) -> AsyncIterator[None]:
    """As `hold`, for what waits for others while it holds the lock, be it in the same thread. ``on_wait`` is called
    once where somebody else holds it.

    ``stale`` is how old the lock may grow, in seconds, where it does not end with its process (without flock): longer
    than the block ever takes.

    Raises: as `hold`.
    """
    import asyncio

    until = time.monotonic() + seconds
    while (release := _attempt(path, kernel, stale)) is None:
        if time.monotonic() >= until:
            raise _busy(path, seconds)
        if on_wait is not None:
            on_wait()
            on_wait = None
        await asyncio.sleep(_PAUSE)
    with release:
        yield


def _attempt(path: Path, kernel: bool, stale: float) -> contextlib.ExitStack | None:
    """The lock, or None while another holds it."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        private_folder(lock.parent)
        try:
            return _flock(lock) if kernel else _exclusive(lock, stale)
        except _NoKernelLock:
            return _exclusive(lock, stale)
    except OSError as problem:
        raise FileProblem(
            "cannot-write",
            f"{path} cannot be changed: no lock can be made beside it.",
            problem.strerror or type(problem).__name__,
            [f"Check that {path.parent} is a folder, is yours, and has room.", "Nothing was changed."],
        ) from None


def _busy(path: Path, seconds: float) -> FileProblem:
    return FileProblem(
        "file-busy",
        f"{path} is being changed by another process.",
        f"Its lock was not free for {seconds:g} seconds.",
        ["Wait until the other one is done, then try again.", "Nothing was changed."],
    )


class _NoKernelLock(Exception):
    """This system, or this file system, has no flock."""


def _flock(lock: Path) -> contextlib.ExitStack | None:
    """The kernel's lock, which ends with its process. None while it is taken."""
    try:
        import fcntl
    except ImportError:
        raise _NoKernelLock from None
    with contextlib.ExitStack() as stack:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        stack.callback(os.close, handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        except OSError:
            raise _NoKernelLock from None
        return stack.pop_all()


def _exclusive(beside: Path, stale: float) -> contextlib.ExitStack | None:
    """A file that only one can create. None while it stays."""
    lock = beside.with_suffix(".pid")
    try:
        handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        with contextlib.suppress(OSError):
            if time.time() - lock.stat().st_mtime > stale:
                lock.unlink()
        return None
    with os.fdopen(handle, "w") as stream:
        stream.write(str(os.getpid()))
    stack = contextlib.ExitStack()
    stack.callback(lock.unlink, missing_ok=True)
    return stack


def alive(pid: int) -> bool:
    """Whether a process of this number runs; True where nobody can say without ending it (Windows)."""
    if os.name == "nt":
        # there a signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
