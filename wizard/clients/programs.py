"""How this program is called from elsewhere: by a client's helper, and by a line in a shell's profile."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

_NAME = "authwizard"


def program() -> tuple[str, ...]:
    """The words that start this program again.

    The bare name where the PATH leads to the one that runs now; else its absolute path, so that a client with
    another PATH starts the same one.
    """
    running = Path(os.path.realpath(sys.argv[0])) if sys.argv and sys.argv[0] else None
    found = shutil.which(_NAME)
    if found:
        target = Path(os.path.realpath(found))
        if target in (running, Path(sys.executable).with_name(target.name)):
            return (_NAME,)
    if running and running.stem == _NAME and running.is_file():
        return (str(running),)
    beside = [Path(sys.executable).with_name(name) for name in (_NAME, f"{_NAME}.exe")]
    for script in beside:
        if script.is_file():
            return (str(script),)
    return (sys.executable, "-m", "wizard")


def headers_command(connection: str) -> str:
    """The command, as one text, that prints a connection's headers."""
    return _joined((*program(), "headers", connection))


def exec_command(connection: str, command: tuple[str, ...]) -> tuple[str, ...]:
    """The command that starts a stdio server with a connection's environment."""
    return (*program(), "exec", connection, "--", *command)


def secret_command(connection: str, field: str) -> tuple[str, ...]:
    """The command that prints one secret into a pipe."""
    return (*program(), "secret", connection, field)


def posix_line(variable: str, connection: str, field: str) -> str:
    """The line for sh, bash and zsh that reads the vault when the shell starts."""
    return f'export {variable}="$({shlex.join(secret_command(connection, field))})"'


def fish_line(variable: str, connection: str, field: str) -> str:
    """The same for fish."""
    return f"set -gx {variable} ({shlex.join(secret_command(connection, field))} | string collect)"


def powershell_line(variable: str, connection: str, field: str) -> str:
    """The same for PowerShell."""
    words = secret_command(connection, field)
    quoted = " ".join(
        "'" + w.replace("'", "''") + "'" if not w.replace("-", "").isalnum() else w for w in words
    )
    call = "& " if quoted.startswith("'") else ""
    return f"$env:{variable} = ({call}{quoted})"


def _joined(words: tuple[str, ...]) -> str:
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
