"""Asking once and reading the answer as evidence: status, challenge, the error's name, the server's time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from wizard.challenge import parse_challenges
from wizard.errors import TransportError
from wizard.exchange import Reply
from wizard.secret import Secret
from wizard.services import LiveTest
from wizard.transport import NO_HEADERS, NO_QUERY, Transport, origin

from . import edge, expiry, refusals, spoken
from .answers import clean
from .facts.wire import Answer
from .hiding import through
from .login_wall import is_login_page, parameter_names
from .words import dated

JSON: Final = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
PROTOCOL: Final = "2025-06-18"
INITIALIZE: Final = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": PROTOCOL,
            "capabilities": {},
            "clientInfo": {"name": "authwizard", "version": "1"},
        },
    }
).encode()
TOOLS_LIST: Final = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}).encode()
_PEEK: Final = 65536
_PATIENCE: Final = 6.0
"""Seconds in which an event stream that has begun must come to what was asked."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


async def ask(
    transport: Transport,
    method: str,
    url: str,
    headers: Mapping[str, Secret | str] = NO_HEADERS,
    body: bytes | None = None,
    *,
    query: Mapping[str, Secret] = NO_QUERY,
    live: LiveTest = refusals.UNKNOWN,
) -> Answer:
    """Ask, and never raise for what the network or the server does. A session that a POST opened is ended.

    A redirect within the origin that keeps the method is followed, as every client does; any other is the answer.
    """
    place, began = url, time.monotonic()
    try:
        for _ in range(transport.limits.redirects + 1):
            reply, kind = await _once(transport, method, place, headers=headers, query=query, body=body)
            onward = _harmless(method, place, reply)
            if not onward:
                break
            place = onward
        else:
            return Answer(None, "too-many-redirects", number=reply.number)
    except TransportError as error:
        code = getattr(error, "verify_code", None)
        number = transport.exchanges[-1].number if transport.exchanges else 0
        waited = time.monotonic() - began
        return Answer(None, error.id, verify_code=code, number=number, waited=waited)
    session = reply.headers.get("mcp-session-id")
    if session and reply.status < 300:
        transport.meanwhile(_end(transport, place, {**headers, "Mcp-Session-Id": Secret(session)}, query))
    answer = read(reply, kind, transport, live)
    return answer if place == url else replace(answer, moved=transport.redact(_bare(place)))


async def _once(
    transport: Transport,
    method: str,
    url: str,
    *,
    headers: Mapping[str, Secret | str],
    query: Mapping[str, Secret],
    body: bytes | None,
) -> tuple[Reply, str]:
    """One exchange: the answer, and its media type."""
    async with transport.stream(method, url, headers=headers, query=query, body=body) as stream:
        kind = (stream.headers.get("content-type") or "").split(";")[0].strip().lower()
        content = b""
        events = kind == spoken.EVENTS
        # An event stream may never end, and send pings alone.
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                async for piece in stream.aiter_bytes():
                    content += piece
                    if len(content) > _PEEK or (events and spoken.enough(method, content)):
                        break
                    if events and limit.when() is None:
                        limit.reschedule(asyncio.get_running_loop().time() + _PATIENCE)
        return Reply(stream.status, stream.headers, content, url, stream.number), kind


def _location(reply: Reply) -> str:
    """Where a redirect leads; empty for none, and for what is no address of the web."""
    place = reply.headers.get("location")
    if reply.status not in _REDIRECTS or not place:
        return ""
    try:
        onward = urljoin(reply.url, place)
        return onward if urlsplit(onward).scheme in ("http", "https") and origin(onward) else ""
    except ValueError:
        return ""


def _harmless(method: str, url: str, reply: Reply) -> str:
    """The address of a redirect that loses neither the method nor, by another origin, the credential."""
    onward = _location(reply)
    if not onward or origin(onward) != origin(url):
        return ""
    return onward if method == "GET" or reply.status in (307, 308) else ""


def _bare(url: str) -> str:
    """An address without user, parameters and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


async def _end(
    transport: Transport, url: str, headers: Mapping[str, Secret | str], query: Mapping[str, Secret]
) -> None:
    try:
        await transport.send("DELETE", url, headers=headers, query=query, timeout=5)
    except TransportError:
        return  # The server ends it by itself in time.


def read(reply: Reply, kind: str, transport: Transport, live: LiveTest = refusals.UNKNOWN) -> Answer:
    """An answer as evidence; every text of it is redacted."""
    found = spoken.message(kind, reply.body)
    code, says = _error(found)
    told = transport.spoken
    challenges = through(parse_challenges(reply.headers.get_all("www-authenticate")), told)
    inside = refusals.hidden(reply, live)
    onward = _location(reply)
    limits = [f"{n}: {v}" for n, v in reply.headers.items() if "ratelimit" in n.lower()]
    return Answer(
        status=reply.status,
        challenges=challenges,
        content=kind,
        code=clean(transport.redact(code), 80),
        says=clean(transport.redact(says), 300),
        rpc=(rpc := spoken.is_response(found)),
        rpc_error=transport.redact(_named(code, says)) if rpc and "result" not in found else "",
        number=reply.number,
        date=dated(reply.headers),
        retry_after=told(reply.headers.get("retry-after") or "")[:80],
        limits=told(", ".join(limits)[:1000])[:200],
        server=told(reply.headers.get("server") or "")[:80],
        granted=through(refusals.granted(reply, live), told),
        hidden=transport.redact(inside.says) if inside else "",
        documented=inside is not None and inside.documented,
        means=inside.means if inside else "",
        needs=through(refusals.needed(reply, live), told),
        expires=(ends := expiry.told(reply.headers, found, live)).until,
        endless=ends.never,
        location=transport.redact(_bare(onward)) if onward else "",
        asks=through(parameter_names(onward), told) if onward else (),
        login=is_login_page(kind, reply.body),
        marks=(marks := through(edge.marks(reply.headers.items()), told)),
        page="" if found else clean(transport.redact(edge.words(kind, reply.body)), 300),
        check=edge.browser_check(kind, marks, reply.body),
        session=bool(reply.headers.get("mcp-session-id")) and reply.status < 300,
    )


def _named(code: str, says: str) -> str:
    return clean(": ".join(filter(None, (code, says)))) or "an error without a name"


def _error(body: Mapping[str, object]) -> tuple[str, str]:
    """The error's name and text, in the forms that are met: OAuth's, a nested object, a list of such, ``detail``,
    ``message``."""
    error = body.get("error")
    nested = error if isinstance(error, dict) else _first(body)
    code = error if isinstance(error, str) else str(nested.get("code") or nested.get("type") or "")
    if not code and isinstance(own := body.get("code"), str):
        code = own
    for place in (body, nested):
        for key in ("error_description", "message", "detail", "title"):
            if isinstance(text := place.get(key), str):
                return code, text
    return code, ""


def _first(body: Mapping[str, object]) -> Mapping[str, object]:
    """The first error of a list of them, as FusionAuth and Jira send."""
    for key in ("errors", "generalErrors", "errorMessages"):
        found = body.get(key)
        if isinstance(found, list) and found:
            return found[0] if isinstance(found[0], dict) else {"message": str(found[0])}
    return {}
