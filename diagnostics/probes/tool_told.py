"""What a tool said when it was called and failed; the doctor itself calls none."""

from __future__ import annotations

from ..engine import Context, Probe, Skip
from ..facts.vendor import ToolTold


async def tool_told(context: Context) -> ToolTold | Skip:
    """Only what the live test has met already."""
    if not context.told:
        return Skip("no tool was called and failed")
    return ToolTold(context.tool, context.transport.redact(context.told))


PROBE = Probe("tool-told", "what the tool said", ToolTold, tool_told)
