"""The system's secret store, for targets whose secret is kept in it; what it said when the secret was read."""

from __future__ import annotations

import json
import os
import sys
from typing import Final

from wizard.oauth.waiting import over_ssh

from ..engine import Context, Probe, Skip
from ..facts.keychain import Cut, Keychain

SHUT: Final = frozenset(
    {"keyring-absent", "keyring-locked", "keyring-silent", "keyring-refused", "keyring-failed"}
)
"""Ids of what the store itself is the reason for."""


async def keychain(context: Context) -> Keychain | Skip:
    """Nothing is asked again: a locked store would ask for its password once more."""
    target = context.target
    mine = {field: source for field, source in target.sources.items() if source.startswith("keyring:")}
    if not mine:
        return Skip("no secret is kept in the system keyring")
    unread = {f: target.unread[f] for f in mine if target.unread.get(f) in SHUT}
    cut = []
    for field, source in mine.items():
        held = target.secrets.get(field) or (target.credential if field == "credential" else None)
        if held is not None and _cut(held.reveal()):
            cut.append(Cut(source, len(held)))
    return Keychain(
        tuple(mine[f] for f in unread),
        next(iter(unread.values()), ""),
        bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")),
        over_ssh(os.environ),
        sys.platform,
        os.environ.get("PYTHON_KEYRING_BACKEND", ""),
        tuple(cut),
    )


def _cut(text: str) -> bool:
    """Whether it is JSON but for its end."""
    text = text.strip()
    if not text.startswith(("{", "[")) or text.endswith(("}", "]")):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        # whatever else is wrong with it stands before its end
        return problem.pos >= len(text) - 1 or problem.msg.startswith(("Unterminated string", "Expecting"))
    except RecursionError:
        return False
    return False


PROBE = Probe("keychain", "the system keyring", Keychain, keychain)
