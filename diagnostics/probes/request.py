"""Which harmless request can be put: `initialize` to an MCP server, a GET to an API, the check of a catalogue."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from wizard.entries import Remote
from wizard.secret import Secret

from ..asking import INITIALIZE, JSON, ask
from ..engine import Context, Probe, Skip
from ..facts import Situation
from ..facts.wire import Answer, Request
from ..sending import live, without_credential

_EVENTS: Final = {"Accept": "text/event-stream"}
_MCP_PATHS: Final = frozenset({"mcp", "sse"})


async def request(context: Context, situation: Situation) -> Request | Skip:
    """The request with all that is sent but the credential."""
    target = context.target
    if not situation.url:
        return Skip("no address is known")
    rest = without_credential(target, live(target))
    kept: dict[str, str | Secret] = {n: v for n, v in rest.headers.items() if v.reveal().strip()}
    if not isinstance(target.entry, Remote):
        tells = target.live
        if not tells.check:
            return Skip("no document names an address to ask for this stdio server")
        url = urljoin(situation.url, tells.check)
        return Request("api", "GET", url, kept, live=tells)
    if target.entry.transport == "sse":
        return Request("sse", "GET", situation.url, {**kept, **_EVENTS}, query=rest.query)
    speaks = target.speaks or ("mcp" if named_so(situation.url) else "")
    first: Answer | None = None
    if not speaks:
        first = await ask(
            context.transport, "GET", situation.url, {**kept, "Accept": JSON["Accept"]}, query=rest.query
        )
        speaks = "mcp" if says_mcp(situation.url, first) else "api"
    if speaks == "mcp":
        more = {**kept, **JSON}
        posted = Request("mcp", "POST", situation.url, more, INITIALIZE, query=rest.query, first=first)
        if situation.configured or not urlsplit(situation.url).path.rstrip("/").endswith("/sse"):
            return posted
        # Of a bare address nobody said which transport it is of; this one says so by its name.
        said = await ask(
            context.transport, "POST", posted.url, posted.headers, posted.body, query=posted.query
        )
        if said.status not in (404, 405):
            return posted
        return Request("sse", "GET", situation.url, {**kept, **_EVENTS}, query=rest.query)
    return Request(
        "api",
        "GET",
        situation.url,
        {**kept, "Accept": "*/*"},
        live=target.live,
        without=first,
        query=rest.query,
    )


def says_mcp(url: str, answer: Answer) -> bool:
    """Whether the path, or the answer to a GET, speaks of MCP (CONTRACT, "Words in it")."""
    if named_so(url):
        return True
    if answer.status in (405, 406) or answer.content == "text/event-stream" or answer.rpc:
        return True
    return any(c.get("resource_metadata") for c in answer.challenges)


def named_so(url: str) -> bool:
    """Whether the path speaks of MCP by itself: then no answer is needed to know it."""
    return bool(_MCP_PATHS & set(urlsplit(url).path.lower().split("/")))


PROBE = Probe("request", "what can be asked", Request, request)
