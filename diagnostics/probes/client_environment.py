"""Whether a client of the desktop has the variables that its entry refers to: its own environment, not this shell's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from wizard import clients

from .. import client_processes, shell_files
from ..engine import Context, Probe, Skip
from ..facts import ConfigText
from ..facts.entry import ClientEnvironment, Unaware
from ..target import Target

_REFERRED = frozenset({"resolved", "unset", "empty"})


async def client_environment(context: Context, config: ConfigText) -> ClientEnvironment | Skip:
    """Read the environment of the client's processes, and the start-up files; nothing is run."""
    target = context.target
    if not client_processes.of_desktop(target.client):
        return Skip("it is no entry of a client that is started from the desktop")
    wanted = tuple(dict.fromkeys(_variables(target, config)))
    if not wanted:
        return Skip("the entry refers to no variable")
    return await asyncio.to_thread(_look, target.client, wanted)


def _variables(target: Target, config: ConfigText) -> Iterator[str]:
    own = target.program.env if target.program else {}
    for reference in config.references:
        name = reference.variable
        if reference.state in _REFERRED and name and ":" not in name and name not in own:
            yield name


def _look(client: str, wanted: tuple[str, ...]) -> ClientEnvironment:
    running = client_processes.running(client)
    unaware = tuple(
        Unaware(running[0].pid, running[0].program, name)
        for name in wanted
        if running and not any(r.environ.get(name) for r in running)
    )
    return ClientEnvironment(
        clients.get(client).title,
        shell_files.in_shells(wanted),
        shell_files.in_session(wanted),
        unaware,
        client in client_processes.ASK_THE_SHELL,
    )


PROBE = Probe("client-environment", "the client's own variables", ClientEnvironment, client_environment)
