"""Which harmless request can be put: `initialize` to an MCP server, a GET to an API, the check of a catalogue."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from wizard.entries import Remote
from wizard.secret import Secret

from ..asking import INITIALIZE, JSON, ask
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..sending import carriers, live_headers
from ..wire_facts import Answer, Request

_EVENTS: Final = {"Accept": "text/event-stream"}
_MCP_PATHS: Final = frozenset({"mcp", "sse"})


async def request(context: Context, situation: Situation) -> Request | Skip:
    """The request with every header but the credential's."""
    target = context.target
    if not situation.url:
        return Skip("no address is known")
    sent = live_headers(target)
    carrying = carriers(sent, target.secrets)
    kept: dict[str, str | Secret] = {
        n: v for n, v in sent.items() if n not in carrying and v.reveal().strip()
    }
    if not isinstance(target.entry, Remote):
        live = target.live
        if not live.check:
            return Skip("no document names an address to ask for this stdio server")
        url = urljoin(situation.url, live.check)
        return Request("api", "GET", url, kept, live=live)
    if target.entry.transport == "sse":
        return Request("sse", "GET", situation.url, {**kept, **_EVENTS})
    speaks = target.speaks
    first: Answer | None = None
    if not speaks:
        first = await ask(context.transport, "GET", situation.url, {**kept, "Accept": JSON["Accept"]})
        speaks = "mcp" if says_mcp(situation.url, first) else "api"
    if speaks == "mcp":
        return Request("mcp", "POST", situation.url, {**kept, **JSON}, INITIALIZE)
    return Request("api", "GET", situation.url, {**kept, "Accept": "*/*"}, live=target.live, without=first)


def says_mcp(url: str, answer: Answer) -> bool:
    """Whether the path, or the answer to a GET, speaks of MCP (CONTRACT, "Words in it")."""
    if _MCP_PATHS & set(urlsplit(url).path.lower().split("/")):
        return True
    if answer.status in (405, 406) or answer.content == "text/event-stream" or answer.rpc:
        return True
    return any(c.get("resource_metadata") for c in answer.challenges)


PROBE = Probe("request", "what can be asked", Request, request)
