"""The desktop clients that run on this machine, and what they have in their environment.

Linux only, and only one's own processes. Of an environment the values that are asked for alone leave this module.
Sources: proc_pid_environ(5), proc_pid_comm(5).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PROGRAMS: Final[Mapping[str, tuple[str, ...]]] = {
    "cursor": ("cursor",),
    "vscode": ("code", "code-insiders", "code-oss", "codium", "vscodium"),
    "claude-desktop": ("claude-desktop",),
}
"""Names of the program of each client that is started from the desktop, in small letters."""
ASK_THE_SHELL: Final = frozenset({"cursor", "vscode"})
"""Those that start the login shell once and take its variables over, where they are started from the desktop
(code.visualstudio.com/docs/configure/command-line, "How do I set up shell environment"); it may time out."""


@dataclass(frozen=True, slots=True)
class Running:
    """One process with its environment."""

    pid: int
    program: str
    environ: Mapping[str, str] = field(repr=False)


_OF_A_TERMINAL: Final[Mapping[str, tuple[str, ...]]] = {"claude-code": ("claude",)}


def sessions(client: str) -> tuple[Running, ...]:
    """The client's processes, also of one that is started in a terminal."""
    names = (*_PROGRAMS.get(client, ()), *_OF_A_TERMINAL.get(client, ()))
    return tuple(_found(names)) if names and _PROC.is_dir() else ()


def of_desktop(client: str) -> bool:
    """Whether this client is one that is started from the desktop."""
    return client in _PROGRAMS


def running(client: str) -> tuple[Running, ...]:
    """The client's processes whose environment can be read."""
    names = _PROGRAMS.get(client, ())
    return tuple(_found(names)) if names and _PROC.is_dir() else ()


def _found(names: tuple[str, ...]) -> Iterator[Running]:
    home = os.path.expanduser("~")  # noqa: PTH111  no home is no error
    for process in _PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            program = (process / "comm").read_text("utf-8", "replace").strip()
            if program.lower() not in names:
                continue
            environ = _environ((process / "environ").read_bytes())
        except OSError:
            continue
        # One that has written over its environment (a title) tells nothing of it; one of another home is another's.
        if environ.get("HOME") == home:
            yield Running(int(process.name), program, environ)


def _environ(data: bytes) -> dict[str, str]:
    pairs = (part.decode("utf-8", "surrogateescape").partition("=") for part in data.split(b"\0") if part)
    return {name: value for name, sign, value in pairs if sign}
