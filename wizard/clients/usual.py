"""The usual form of an entry, which most clients share: ``url`` and ``headers``, or ``command``, ``args`` and ``env``.

What differs is the client's own: the type that it wants beside them, and what it replaces (``expand``, which is given
the place and the text that stands there).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..entries import Remote, RemotePlan, Stdio, Value, slots
from ..errors import FileProblem
from ..secret import Secret
from . import addresses, programs
from .base import HELPER, Job, JsonClient

Expand = Callable[[str, str], str]


def program(job: Job, text: Callable[[Value], str]) -> dict[str, object]:
    """`{command, args, env}` of a stdio plan; with a helper it is started through this program, and has no ``env``."""
    plan = job.plan
    if isinstance(plan, RemotePlan):
        raise TypeError("a remote plan has no command")
    helper = job.how == HELPER and bool(slots(plan))
    command = programs.exec_command(job.connection, plan.command) if helper else plan.command
    out: dict[str, object] = {"command": command[0], "args": list(command[1:])}
    if not helper and plan.env:
        out["env"] = {n: text(v) for n, v in plan.env.items()}
    return out


def read_program(
    client: JsonClient, path: Path, server: str, raw: Mapping[str, Any], expand: Expand
) -> Stdio:
    """The program that an entry starts, without a folder. Raises: as `JsonClient.words` and `texts`."""
    command, *args = client.words(path, server, raw)
    words = (expand("command", command), *(expand(f"args[{i}]", a) for i, a in enumerate(args)))
    env = {n: Secret(expand(f"env.{n}", v)) for n, v in client.texts(path, server, raw, "env").items()}
    return Stdio(words, env)


def env_file(raw: Mapping[str, Any], expand: Expand) -> dict[str, Secret]:
    """What the file adds to a program's variables that an entry names as ``envFile`` (Cursor, VS Code); nothing of one
    that cannot be read. The entry's own ``env`` goes before it."""
    from .. import dotenv

    named = raw.get("envFile")
    if not isinstance(named, str) or not named:
        return {}
    try:
        return dict(dotenv.load(Path(expand("envFile", named)).expanduser()).values())
    except (FileProblem, OSError, RuntimeError):
        return {}


def read_remote(
    client: JsonClient, path: Path, server: str, raw: Mapping[str, Any], expand: Expand
) -> Remote:
    """The server that an entry names. Raises: FileProblem where it has no ``url``; as `JsonClient.texts`."""
    url = raw.get("url")
    if not isinstance(url, str) or not url:
        raise client.skipped(path, server, "it has no `url`", "Give it the server's address as `url`.")
    headers = client.texts(path, server, raw, "headers")
    sent = {n: Secret(expand(f"headers.{n}", v)) for n, v in headers.items()}
    whole, query = addresses.read(url, expand)
    return Remote(whole, sent, query=query)
