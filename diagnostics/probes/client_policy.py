"""Whether the client's own rules let it use the server of the entry; read from its files, offline."""

from __future__ import annotations

import asyncio
from pathlib import Path

from wizard import clients

from .. import client_policies
from ..engine import Context, Probe, Skip
from ..facts.entry import ClientPolicy


async def client_policy(context: Context) -> ClientPolicy | Skip:
    """Read the settings of the client, and those of the organization where it keeps them."""
    target = context.target
    if target.client not in ("claude-code", "vscode"):
        return Skip("no rules of this client are known")
    name = target.label.partition(":")[2]
    entry = target.program or target.entry
    found = await asyncio.to_thread(client_policies.blocking, target.client, name, entry, Path(target.config))
    return ClientPolicy(clients.get(target.client).title, found)


PROBE = Probe("client-policy", "the client's own rules", ClientPolicy, client_policy)
