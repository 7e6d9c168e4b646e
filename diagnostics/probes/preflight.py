"""A browser's question before its request, put only where the server's answers say that browsers are meant to ask."""

from __future__ import annotations

from typing import Final

from ..asking import ask
from ..engine import Context, Probe, Skip
from ..facts.edge import Preflight
from ..facts.wire import Differential, Request

ORIGIN: Final = "https://app.example.com"
HEADERS: Final = "authorization,content-type,mcp-protocol-version"


async def preflight(context: Context, differential: Differential, request: Request) -> Preflight | Skip:
    """One OPTIONS without a credential, as a browser sends it."""
    answers = (differential.none, differential.false, differential.judged)
    if request.kind == "sse" or not any("access-control-allow-origin" in a.marks for a in answers):
        return Skip("no answer is meant for a browser")
    asks = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": request.method,
        "Access-Control-Request-Headers": HEADERS,
    }
    return Preflight(ORIGIN, await ask(context.transport, "OPTIONS", request.url, asks))


PROBE = Probe("preflight", "a browser's question from another origin", Preflight, preflight)
