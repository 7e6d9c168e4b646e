"""Beside an address that answers "not here": which way of asking the same origin is answered."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from wizard.secret import Secret

from ..asking import INITIALIZE, JSON, ask
from ..engine import Context, Probe, Skip
from ..facts import Neighbour, Neighbours, Situation
from ..facts.wire import Answer, Differential, Request
from ..sending import Sent, live

_NOTHING: Final = Sent()

_NOT_HERE = frozenset({404, 405, 406, 415})


async def neighbours(
    context: Context, situation: Situation, differential: Differential, request: Request
) -> Neighbours | Skip:
    """The other slash, ``/mcp`` and ``/sse``, as streamable HTTP and as an event stream; without a credential, and with
    it where that is refused."""
    judged = differential.judged
    if judged.status is None:
        return Skip("the address gives no whole answer")
    other = judged.accepted and not differential.spoken
    if judged.status not in _NOT_HERE and not other and not 300 <= judged.status < 400:
        return Skip("the address answers as it should")
    if context.target.speaks == "api":
        return Skip("it is no MCP server")
    asked = [_neighbour(context, url, way) for url, way in _ways(situation.url, request.kind)]
    return Neighbours(tuple(await asyncio.gather(*asked)))


async def _neighbour(context: Context, url: str, way: str) -> Neighbour:
    answer = await _ask(context, url, way, _NOTHING)
    if answer.status != 401:
        return Neighbour(url, way, answer)
    # it may be what every address of the origin says to somebody unknown
    own = live(context.target)
    if own:
        known = await _ask(context, url, way, own)
        if known.status != 401:
            return Neighbour(url, way, known)
    parts = urlsplit(url)
    folder = parts.path.rstrip("/").rpartition("/")[0]
    # GET alone: nobody knows what a POST to an address of no meaning would do
    made_up = urlunsplit((parts.scheme, parts.netloc, f"{folder}/{secrets.token_hex(8)}", "", ""))
    return Neighbour(url, way, answer, await _ask(context, made_up, "sse", _NOTHING))


async def _ask(context: Context, url: str, way: str, sent: Sent) -> Answer:
    if way == "sse":
        headers: dict[str, Secret | str] = {**sent.headers, "Accept": "text/event-stream"}
        return await ask(context.transport, "GET", url, headers, query=sent.query)
    return await ask(context.transport, "POST", url, {**sent.headers, **JSON}, INITIALIZE, query=sent.query)


def _ways(url: str, kind: str) -> list[tuple[str, str]]:
    parts = urlsplit(url)

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path or "/", parts.query, ""))

    path = parts.path
    base = path.rstrip("/")
    for end in ("/mcp", "/sse"):
        base = base.removesuffix(end)
    other = path.rstrip("/") if path.endswith("/") else f"{path}/"
    # Only paths that speak of MCP are posted to; another could be an API that creates things.
    found = [(at(f"{base}/mcp"), "http"), (at(f"{base}/mcp/"), "http"), (at(f"{base}/sse"), "sse")]
    if kind != "api":
        found = [(at(path), "sse" if kind == "mcp" else "http"), (at(other), "http"), *found]
    if base:
        found += [(at("/mcp"), "http"), (at("/sse"), "sse")]
    asked = (at(path), "sse" if kind == "sse" else "http" if kind == "mcp" else "")
    return [way for way in dict.fromkeys(found) if way != asked]


PROBE = Probe("neighbours", "the addresses beside it", Neighbours, neighbours)
