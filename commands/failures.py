"""A fault of this program itself: a note with types and places, and not one value."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime

from wizard import __version__
from wizard.errors import AuthwizardError, JobError


def crashed(error: BaseException, words: Sequence[str]) -> JobError:
    """Write the note and say where it is. It holds no message and no argument: either may hold a secret."""
    lines = [
        f"authwizard {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}, command {_command(words)}",
        *_chain(error),
    ]
    fix = ["Nothing half-written was left behind.", "Please report it, with the note."]
    title = "Something went wrong inside authwizard itself."
    try:
        from wizard.paths import state_dir, write_private

        place = state_dir() / "crash.txt"
        write_private(place, ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
    except (AuthwizardError, OSError):
        return JobError("internal", title, f"{type(error).__name__}; no note could be written.", fix[1:])
    return JobError("internal", title, f"A note without any value of yours is in {place}.", fix)


def with_fix(error: AuthwizardError) -> AuthwizardError:
    """The error, with the steps of the cause that it names where it has none of its own."""
    if error.fix or not isinstance(error, JobError):
        return error
    from diagnostics import causes

    cause = causes.REGISTRY.get(error.id)
    if cause is not None:
        error.fix = cause.fix
    return error


def _command(words: Sequence[str]) -> str:
    from .table import find

    return words[0] if words and find(words[0]) else "(none)"


def _chain(error: BaseException) -> list[str]:
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        for frame in traceback.extract_tb(current.__traceback__):
            lines.append(f"  {frame.filename}:{frame.lineno} {frame.name}")
        if isinstance(current, BaseExceptionGroup):
            for inner in current.exceptions:
                lines += [f"  | {line}" for line in _chain(inner)]
        current = current.__cause__ or current.__context__
    return lines
