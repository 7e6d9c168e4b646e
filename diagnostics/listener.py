"""The process that listens on a port of this machine: since when, and which credential file its environment names.

Linux only, and only as far as the person may look: nothing is asked of anybody.
Sources: proc_net(5), proc_pid_stat(5), proc_pid_environ(5).
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from .facts.file import Listener

_PROC: Final = Path("/proc")
_LISTEN: Final = "0A"


def is_here(addresses: Iterable[str]) -> bool:
    """Whether one of these addresses is this machine's own."""
    return any(_ours(address) for address in addresses)


def find(port: int, variable: str) -> Listener | None:
    """Who listens on this port; ``variable`` is the one variable of its environment that is read."""
    inodes = set(_inodes(port))
    if not inodes:
        return None
    for process in _PROC.iterdir():
        if process.name.isdigit() and _holds(process, inodes):
            began = _began(process)
            return None if began is None else Listener(int(process.name), began, _variable(process, variable))
    return None


def _ours(address: str) -> bool:
    bare = address.split("%", maxsplit=1)[0]
    try:
        if ipaddress.ip_address(bare).is_loopback:
            return True
        family = socket.AF_INET6 if ":" in bare else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # only an address of its own can be bound; nothing is sent
            probe.bind((bare, 0))
    except (OSError, ValueError):
        return False
    return True


def _inodes(port: int) -> Iterator[str]:
    wanted = f":{port:04X}"
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = (_PROC / table).read_text("ascii", "replace").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            parts = line.split()
            if len(parts) > 9 and parts[1].endswith(wanted) and parts[3] == _LISTEN:
                yield f"socket:[{parts[9]}]"


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(_to(handle) in inodes for handle in (process / "fd").iterdir())
    except OSError:
        return False


def _to(handle: Path) -> str:
    try:
        return str(handle.readlink())
    except OSError:
        return ""


def _began(process: Path) -> float | None:
    try:
        # the second field is the program's name in parentheses, and may hold spaces
        ticks = int((process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19])
        boot = next(
            line for line in (_PROC / "stat").read_text("ascii").splitlines() if line.startswith("btime")
        )
        return int(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _variable(process: Path, name: str) -> str:
    if not name:
        return ""
    try:
        pairs = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    begin = name.encode() + b"="
    return next((p[len(begin) :].decode("utf-8", "replace") for p in pairs if p.startswith(begin)), "")
