"""By what names a command can reach what is diagnosed: read from the target, and from what is saved here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from wizard import clients, connections
from wizard.connections import Connection
from wizard.urls import origin

from ..client_targets import GONE
from ..engine import Context, Probe, Skip
from ..facts.called import Called
from ..target import Target

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# what may hold a secret, or a reference that nothing has filled in, is no address to give on
_ADDRESS: Final = re.compile(r"https?://[^?#@${}\s]+")


async def called(context: Context) -> Called | Skip:
    """Names alone: nothing is asked, and no secret is read."""
    target = context.target
    # the second method is told by a word more, which not every command takes
    behind = target.connection if _NAME.fullmatch(target.connection) else ""
    if not target.client:
        return Called(behind) if behind else Skip("no connection and no client's entry was named")
    entry = target.label.partition(":")[2]
    saved = connections.load_all()
    client, config = clients.get(target.client), Path(target.config)
    usual, project = config == client.path(False), config == client.path(True)
    return Called(
        connection=behind or next((c.name for c in saved if c.name == entry and _same(c, target)), ""),
        client=target.client,
        entry=entry,
        project=project and not usual,
        path="" if project or usual else str(config),
        address=target.url if _ADDRESS.fullmatch(target.url) else "",
        free=_free(re.sub(r"[^A-Za-z0-9_-]+", "-", entry).strip("-")[:60] or target.client, saved),
        near=_near(target, saved),
    )


def _same(connection: Connection, target: Target) -> bool:
    if not connection.url or not target.url:
        return not connection.url and not target.url
    try:
        return origin(connection.url) == origin(target.url)
    except ValueError:
        return False


def _free(name: str, saved: Iterable[Connection]) -> str:
    taken = {c.name for c in saved}
    return next(n for n in (name, *(f"{name}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)


def _near(target: Target, saved: Iterable[Connection]) -> tuple[str, ...]:
    gone = next((r.variable for r in target.references if r.state == GONE), "")
    return tuple(get_close_matches(gone, [c.name for c in saved])) if gone else ()


PROBE = Probe("called", "by what names commands reach it", Called, called)
