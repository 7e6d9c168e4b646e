"""Reading a file that somebody else wrote: every way in which it can fail has its own sentence."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from .errors import JobError
from .pasting import pasted

LIMIT: Final = 1_000_000
"""Bytes. A credential or a list of connections is far smaller; more than this is some other file."""


def read_bytes(path: Path, error: type[JobError], *, limit: int = LIMIT) -> bytes:
    """The content of a regular file.

    Raises:
        error: `file-missing`, `file-is-folder`, `file-not-regular`, `file-unreadable` or `file-too-large`.
    """
    try:
        # a pipe without a writer would hang an ordinary open for ever
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as problem:
        raise _not_opened(path, problem, error) from None
    try:
        with os.fdopen(handle, "rb", closefd=False) as stream:
            _only_regular(path, os.fstat(handle).st_mode, error)
            content = stream.read(limit + 1)
    except IsADirectoryError:
        raise _folder(path, error) from None
    except OSError as problem:
        raise _not_opened(path, problem, error) from None
    finally:
        os.close(handle)
    if len(content) > limit:
        raise error(
            "file-too-large",
            f"{path} is too large to be what it should be.",
            f"It has more than {limit:,} bytes.",
            ["Check that this is the right file."],
        )
    return content


def read_text(path: Path, error: type[JobError], *, limit: int = LIMIT) -> str:
    """The content of a regular UTF-8 file; a byte order mark stays.

    Raises:
        error: as `read_bytes`, and `file-not-utf8`.
    """
    return decode(read_bytes(path, error, limit=limit), str(path), error, "file-not-utf8")


def decode(content: bytes, name: str, error: type[JobError], id: str) -> str:
    """The bytes as UTF-8; ``name`` stands in the sentence, the content does not.

    Raises:
        error: with the id given, and the place of the first byte that is no UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        place = f"Byte {problem.start + 1}, in line {line}, is no UTF-8."
        fix = ["Save it as UTF-8 text."]
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            place = "It begins as UTF-16 text does, which is what > writes in Windows PowerShell."
            fix = ["Save it as UTF-8; in PowerShell: ... | Out-File -Encoding utf8NoBOM FILE"]
    raise error(id, f"{name} is not UTF-8 text.", place, fix)


def _only_regular(path: Path, mode: int, error: type[JobError]) -> None:
    if stat.S_ISDIR(mode):
        raise _folder(path, error)
    if not stat.S_ISREG(mode):
        raise _not_regular(path, error)


def _not_regular(path: Path, error: type[JobError]) -> JobError:
    return error(
        "file-not-regular",
        f"{path} is not a regular file.",
        "It is a pipe, a socket or a device, which can be read once or never ends.",
        ["Name a regular file.", "For the output of another program use - (standard input) or cmd:COMMAND."],
    )


def _folder(path: Path, error: type[JobError]) -> JobError:
    return error(
        "file-is-folder",
        f"{path} is a folder, not a file.",
        fix=["Name the file inside it, or move the folder away."],
    )


def _not_opened(path: Path, problem: OSError | ValueError, error: type[JobError]) -> JobError:
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return error(
            "file-missing",
            f"There is no file {path}.",
            _nearest(path),
            ["Check the path for a typing mistake.", "Check that the program that writes it has run."],
        )
    if isinstance(problem, IsADirectoryError) or (isinstance(problem, PermissionError) and _is_folder(path)):
        return _folder(path, error)
    if isinstance(problem, PermissionError):
        return error(
            "file-unreadable",
            f"You may not read {path}.",
            "The system answered: permission denied.",
            [
                f"See who owns it: ls -l {pasted(path)}",
                "If it is yours: chmod 600 FILE, and chmod 700 its folder.",
            ],
        )
    if isinstance(problem, OSError) and problem.errno == errno.ENXIO:
        return _not_regular(path, error)
    seen = problem.strerror if isinstance(problem, OSError) else "The path holds a NUL character."
    return error("file-unreadable", f"{path!s:.200} cannot be read.", seen or "", ["Check the path."])


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # a folder above it lets nobody in, so nobody can say
        return False


def _nearest(path: Path) -> str:
    """The part of the path that does not exist, so that a typing mistake is easy to see."""
    for folder in path.parents:
        try:
            if folder.is_dir():
                return (
                    "" if folder == path.parent else f"{folder} exists; below it nothing of that name does."
                )
        except OSError:
            continue
    return ""
