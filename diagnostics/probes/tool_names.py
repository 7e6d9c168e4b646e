"""Whether the tool that is wanted is there under that name."""

from __future__ import annotations

from wizard.entries import Remote

from ..engine import Context, Probe, Skip
from ..facts import Started
from ..facts.gateway import ToolNames
from ..facts.wire import Differential
from ..mcp import open_session


async def tool_names(
    context: Context, differential: Differential | None, started: Started | None
) -> ToolNames | Skip:
    """List the tools, and call none."""
    if not context.tool:
        return Skip("no tool was named")
    entry = context.target.entry
    if isinstance(entry, Remote):
        if differential is None or not differential.judged.accepted or differential.kind == "api":
            return Skip("the tools are listed only to who is let in")
    elif started is None or started.error:
        return Skip("the server was not started")
    async with open_session(entry, context.transport) as session:
        listed = await session.tools()
    return ToolNames(context.tool, tuple(t.name for t in listed))


PROBE = Probe("tool-names", "the tool against those listed", ToolNames, tool_names)
