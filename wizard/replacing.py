"""Replacing a file whole: the new content is on disk under another name before it takes the old one's.

Killed at any moment, the file is the old or the new one. What may then be left is the other name, and the next write
into the same folder takes it away: a writer holds a lock on its own (flock), which ends with its process.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from .errors import FileProblem

_SUFFIX: Final = ".authwizard"
_LEFT: Final = re.compile(r"\..*\.[a-z0-9_]{8}\.authwizard", re.DOTALL)
_STALE: Final = 60.0
"""Seconds after which a name is taken for left where nothing locks it (Windows, some network file systems)."""

_OF_THE_CONTENT: Final = frozenset(["security.capability", "security.evm", "security.ima"])


def replace(path: Path, content: bytes, mode: int, last_look: Callable[[], None] | None = None) -> None:
    """Replace a file, or leave it as it was.

    A symbolic link is followed, so that it stays a link. Owner, group and extended attributes (with them an access
    list) stay, as far as the system lets one; another name of the same file (a hard link) keeps the old content.
    ``last_look`` is called when all is ready, and may raise.

    Raises:
        FileProblem: it could not be written, or would become somebody else's; the old file is untouched.
    """
    target = Path(os.path.realpath(path))
    tidy(target.parent)
    handle, temporary = -1, ""
    try:
        handle, temporary = _new(target)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            _inherit(stream.fileno(), target)
            Path(temporary).chmod(mode)
            os.fsync(stream.fileno())
            if last_look is not None:
                last_look()
            if os.name != "nt":
                Path(temporary).replace(target)
        if os.name == "nt":
            Path(temporary).replace(target)
    except BaseException as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        link = f" It is a link to {target}." if path.is_symlink() else ""
        raise FileProblem(
            "cannot-write",
            f"{path} could not be written.",
            (error.strerror or type(error).__name__) + (f".{link}" if link else ""),
            ["Check that the folder exists, is yours, and has room.", "Nothing was changed."],
        ) from error
    _settle(target.parent)


def tidy(folder: Path) -> None:
    """Take away what writers that were killed have left in a folder."""
    with contextlib.suppress(OSError):
        with os.scandir(folder) as entries:
            left = [entry.path for entry in entries if _LEFT.fullmatch(entry.name)]
        for name in left:
            with contextlib.suppress(OSError):
                _sweep(name)


def _sweep(name: str) -> None:
    handle = os.open(name, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        free = _locked(handle)
        old = time.time() - os.fstat(handle).st_mtime > _STALE
    finally:
        if os.name == "nt":
            os.close(handle)
    try:
        if free or (free is None and old):
            Path(name).unlink()
    finally:
        if os.name != "nt":
            os.close(handle)


def _new(target: Path) -> tuple[int, str]:
    """A file beside the target, 0600 and locked. Another process may sweep it away in the moment between."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=_SUFFIX, dir=target.parent)
        if _locked(handle) is not False and (os.name == "nt" or os.fstat(handle).st_nlink):
            return handle, name
        os.close(handle)


def _locked(handle: int) -> bool | None:
    """Whether the file is locked by this process now; None where nothing can be locked."""
    try:
        import fcntl
    except ImportError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _inherit(handle: int, target: Path) -> None:
    """Give the new file the old one's owner, group and attributes."""
    if os.name == "nt" or not target.exists():
        return
    old, new = target.stat(), os.fstat(handle)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        try:
            os.fchown(handle, old.st_uid, old.st_gid)
        except PermissionError:
            if old.st_uid != new.st_uid:
                raise _foreign(target, old.st_uid) from None
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in set(os.listxattr(target)) - _OF_THE_CONTENT:
                with contextlib.suppress(OSError):
                    os.setxattr(handle, name, os.getxattr(target, name))


def _foreign(target: Path, uid: int) -> FileProblem:
    import pwd

    try:
        owner = pwd.getpwuid(uid).pw_name
    except KeyError:
        owner = f"user {uid}"
    return FileProblem(
        "cannot-write",
        f"{target} belongs to {owner}.",
        "Written anew it would be yours, and its owner could not change it any more.",
        [f"Run it as {owner}, or make the file yours first.", "Nothing was changed."],
    )


def _settle(folder: Path) -> None:
    """The new name is on disk as well; some systems cannot say so of a folder."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
