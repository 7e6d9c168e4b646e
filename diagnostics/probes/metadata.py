"""What the server publishes about itself as a protected resource (RFC 9728)."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit

from wizard.errors import TransportError
from wizard.exchange import Reply
from wizard.urls import origin

from ..answers import json_object
from ..engine import Context, Later, Probe, Skip
from ..facts import ResourceMetadata, Situation
from ..facts.wire import Answer, Differential, Request

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


async def metadata(
    context: Context, situation: Situation, request: Request, differential: Later[Differential]
) -> ResourceMetadata | Skip:
    """The challenge's address first, then the path-inserted one, then the root; this origin only, no credential. Where
    a first answer names it already, nothing else is waited for."""
    place, known = _named(situation.url, request.first or request.without), None
    if not place:
        known = await differential.get()
        if known is None or not known.answered:
            return Skip("nothing answers there")
        place = _named(situation.url, known.none, known.false, known.real)
    missed: list[tuple[str, int]] = []
    usual = [u for u in _places(situation.url) if u != place]
    # where the server refuses, both are asked at once; of one that is well no more is asked than has to be
    refused = known is not None and not known.judged.accepted
    for some in [*([[place]] if place else []), *([usual] if refused else [[u] for u in usual])]:
        for url, reply in zip(some, await asyncio.gather(*(_get(context, u) for u in some)), strict=True):
            if reply is None:
                continue
            found = json_object(reply) if reply.status == 200 else {}
            if "resource" in found or "authorization_servers" in found:
                return ResourceMetadata(
                    url,
                    str(found.get("resource") or ""),
                    _texts(found.get("authorization_servers")),
                    _texts(found.get("scopes_supported")),
                    url == place,
                    tuple(missed),
                )
            missed.append((context.transport.redact(url), reply.status))
    return Skip("the server publishes no resource metadata")


async def _get(context: Context, url: str) -> Reply | None:
    try:
        return await context.transport.send("GET", url, headers={"Accept": "application/json"})
    except TransportError:
        return None


def _places(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    path = parts.path.rstrip("/")
    return (*((at(_WELL_KNOWN + path),) if path else ()), at(_WELL_KNOWN))


def _named(url: str, *answers: Answer | None) -> str:
    """Where the first challenge that says so says that it lies; empty where none does, or for another origin."""
    named = (c.get("resource_metadata") for a in answers if a for c in a.challenges)
    try:
        return next((n for n in named if n and origin(n) == origin(url)), "")
    except ValueError:
        return ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


PROBE = Probe("metadata", "the resource's metadata", ResourceMetadata, metadata)
