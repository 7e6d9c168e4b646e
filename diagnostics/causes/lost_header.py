"""Layer client-config: a client that sends the credential once, by a recording of what it sent."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..facts.trail import BrowserTrail
from ..har.model import Hop
from .book import Verdict, cause, proven

_REFUSED: Final = 401


@cause(
    id="authorization-header-lost-after-first-call",
    layer="client-config",
    owner="client-vendor",
    title="The client sends the credential with its first request, and not with the later ones.",
    explanation="An MCP session is many requests: initialize, the calls, the event stream, each with its own headers."
    " Some clients, or versions of them, put the configured header on the first alone, or lose it when they connect"
    " anew; some expand a variable for one transport and not for the other.",
    fix=(
        "Update the client: it is a fault of its own. Ask its vendor where there is no later version.",
        "Until then let mcp-remote send the header: authwizard export NAME --client CLIENT --secrets helper",
    ),
    sources=(
        "https://github.com/anthropics/claude-code/issues/91785",
        "https://github.com/anthropics/claude-code/issues/50464",
        "https://github.com/agentclientprotocol/claude-agent-acp/issues/1160",
        "MCP 2025-06-18, Authorization, Token Requirements: every HTTP request carries it",
    ),
    standing=True,
)
def lost(trail: BrowserTrail) -> Verdict | None:
    """The same address: let in with the header, and refused without it later, never again with it."""
    first: dict[str, Hop] = {}
    bare: dict[str, Hop] = {}
    for hop in trail.recording.hops:
        if hop.document or hop.method == "OPTIONS":
            continue
        if hop.authorized:
            bare.pop(hop.place.whole, None)
            if 200 <= hop.status < 300:
                first.setdefault(hop.place.whole, hop)
        elif hop.status == _REFUSED and hop.place.whole in first:
            bare.setdefault(hop.place.whole, hop)
    for where, hop in bare.items():
        return proven(
            Evidence(
                "har",
                f"request {first[where].number}, {first[where].method} {where}: with it, {first[where].status}",
            ),
            Evidence("har", f"request {hop.number}, {hop.method} {where}: without it, {hop.status}"),
            title=f"The client sends no Authorization header with its later requests to {where}.",
        )
    return None
