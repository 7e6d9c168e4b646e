"""The recording of a browser that was given along: offline."""

from __future__ import annotations

from ..engine import Context, Probe, Skip
from ..facts.trail import BrowserTrail, trail


async def recorded(context: Context) -> BrowserTrail | Skip:
    """Walk it."""
    return (
        trail(context.har) if context.har is not None else Skip("no recording of a browser was given (--har)")
    )


PROBE = Probe("har", "the browser's recording", BrowserTrail, recorded)
