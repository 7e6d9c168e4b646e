"""A stdio server, started; only with the person's yes."""

from __future__ import annotations

from wizard.entries import Stdio
from wizard.errors import AuthwizardError

from ..engine import Context, Probe, Skip
from ..facts import Started


async def started(context: Context) -> Started | Skip:
    """Start it, let it answer `initialize`, and end it."""
    entry = context.target.entry
    if not isinstance(entry, Stdio):
        return Skip("it is no stdio server")
    if not context.start:
        return Skip("starting its command needs your yes: --start")
    from ..mcp import open_session

    command = entry.command[0] if entry.command else ""
    try:
        async with open_session(entry, context.transport) as session:
            return Started(command, session.server_name, "")
    except AuthwizardError as error:
        return Started(command, "", context.transport.redact(f"{error.title} {error.detail}".strip()))


PROBE = Probe("stdio", "the stdio server itself", Started, started)
