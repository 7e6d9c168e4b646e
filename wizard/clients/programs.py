"""How this program is called from elsewhere: by a client's helper, and by a line in a shell's profile."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

_NAME = "authwizard"
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_READ: Final = (
    "DBUS_SESSION_BUS_ADDRESS",
    "PYTHON_KEYRING_BACKEND",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
    *_PROXIES,
    *(name.lower() for name in _PROXIES),
)
"""Variables by which this program finds its connections, the stores of their secrets, and its way to a provider."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


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


def needed(environ: Mapping[str, str], passed: Collection[str]) -> dict[str, str]:
    """What this program reads of its environment, and would not get from a client that hands on only ``passed``."""
    return {n: environ[n] for n in _READ if environ.get(n) and n not in passed}


def headers_command(connection: str, given: Mapping[str, str] = _NOTHING) -> str:
    """The command, as one text, that prints a connection's headers; ``given`` are variables that it gets by `env`."""
    words = ("env", *(f"{n}={v}" for n, v in given.items())) if given else ()
    return _joined((*words, *program(), "headers", connection))


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
