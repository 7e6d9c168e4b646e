"""Whether the credential stands in the history of a shell; offline."""

from __future__ import annotations

import asyncio

from .. import shell_history
from ..engine import Context, Probe, Skip
from ..facts.entry import InHistory


async def history(context: Context) -> InHistory | Skip:
    """Look for the very value."""
    value = context.target.credential
    if not value:
        return Skip("no credential is given")
    return InHistory(await asyncio.to_thread(shell_history.find, {"the credential": value}))


PROBE = Probe("history", "the shell's history", InHistory, history)
