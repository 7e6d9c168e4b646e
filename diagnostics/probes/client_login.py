"""What the entry's client has of a login that it makes by itself; read from its files, offline."""

from __future__ import annotations

import asyncio
from pathlib import Path

from .. import client_logins
from ..answers import clean
from ..engine import Context, Probe, Skip
from ..facts.client_login import ClientLogin


async def client_login(context: Context) -> ClientLogin | Skip:
    """Its configuration, what it remembers, and its log. No token of it is used, or shown."""
    target = context.target
    if not target.client or not target.config:
        return Skip("it is no entry of a client")

    def shown(text: str) -> str:
        return clean(context.transport.redact(text))

    name = target.label.partition(":")[2]
    found = await asyncio.to_thread(
        client_logins.of_entry, target.client, name, target.url, Path(target.config), shown
    )
    return found or Skip("where this client keeps such things is not known")


PROBE = Probe("client-login", "the client's own login", ClientLogin, client_login)
