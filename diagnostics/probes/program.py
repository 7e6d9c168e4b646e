"""Whether the command that an entry starts is where its client looks for it; it is not run."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from wizard import clients
from wizard.clients import ours
from wizard.entries import Stdio

from .. import client_processes
from ..engine import Context, Probe, Skip
from ..facts.entry import Program

_USUAL: Final = (
    "~/.local/bin",
    "~/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "~/.nvm/versions/node/*/bin",
    "~/.volta/bin",
    "~/.bun/bin",
    "~/.deno/bin",
    "~/.cargo/bin",
    "~/.local/share/mise/shims",
    "~/.asdf/shims",
    "~/.local/share/pnpm",
)
"""Folders into which programs are installed, and which a PATH may lack."""


async def program(context: Context) -> Program | Skip:
    """Look into the folders of the PATH: the entry's own, else that of the client, where it runs, else ours."""
    target = context.target
    if target.program is not None and target.program.command:
        outer = await asyncio.to_thread(_look, target.client, target.program)
        inner = ours.behind(target.program)
        if inner is None or not (outer.found and outer.runnable):
            return outer
        return await asyncio.to_thread(_look, target.client, inner)
    entry = target.entry
    if not context.start or not isinstance(entry, Stdio) or not entry.command:
        return Skip("the entry starts nothing")
    # of a saved connection the service itself may be asked as well, which needs no program
    return replace(await asyncio.to_thread(_look, target.client, entry), alone=False)


def _look(client: str, entry: Stdio) -> Program:
    title = clients.get(client).title if client else "the client"
    command = entry.command[0]
    own = entry.env.get("PATH")
    running = client_processes.running(client) if own is None and client else ()
    path = (
        own.reveal()
        if own is not None
        else next((r.environ["PATH"] for r in running if "PATH" in r.environ), None)
    )
    path = os.environ.get("PATH", os.defpath) if path is None else path
    base = Path(entry.cwd) if entry.cwd else Path.cwd()
    folders = tuple(folder for folder in path.split(os.pathsep) if folder)
    if any(separator and separator in command for separator in (os.sep, os.altsep)):
        place = base / Path(command).expanduser()
        found = str(place) if place.is_file() else ""
        return Program(title, command, found, (str(place.parent),), runnable=os.access(place, os.X_OK))
    found = shutil.which(command, path=path) or ""
    elsewhere = "" if found else next(_elsewhere(command), "")
    return Program(title, command, found, folders, own is not None, elsewhere)


def _elsewhere(command: str) -> Iterator[str]:
    for pattern in _USUAL:
        whole = Path(os.path.expanduser(pattern))  # noqa: PTH111  no home is no error
        folders = (
            sorted(whole.parent.parent.glob(f"*/{whole.name}"), reverse=True) if "*" in pattern else [whole]
        )
        for folder in folders:
            if os.access(folder / command, os.X_OK) and (folder / command).is_file():
                yield str(folder / command)


PROBE = Probe("program", "the command that the entry starts", Program, program)
