"""What the server publishes about itself as a protected resource (RFC 9728)."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from wizard.errors import TransportError
from wizard.urls import origin

from ..answers import json_object
from ..engine import Context, Probe, Skip
from ..facts import ResourceMetadata, Situation
from ..wire_facts import Differential

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


async def metadata(
    context: Context, situation: Situation, differential: Differential
) -> ResourceMetadata | Skip:
    """The challenge's address first, then the path-inserted one, then the root; this origin only, no credential."""
    if not differential.answered:
        return Skip("nothing answers there")
    missed: list[tuple[str, int]] = []
    for url in _places(situation.url, differential):
        try:
            reply = await context.transport.send("GET", url, headers={"Accept": "application/json"})
        except TransportError:
            continue
        found = json_object(reply) if reply.status == 200 else {}
        if "resource" in found or "authorization_servers" in found:
            return ResourceMetadata(
                url,
                str(found.get("resource") or ""),
                _texts(found.get("authorization_servers")),
                _texts(found.get("scopes_supported")),
                url in _named(differential),
                tuple(missed),
            )
        missed.append((context.transport.redact(url), reply.status))
    return Skip("the server publishes no resource metadata")


def _places(url: str, differential: Differential) -> tuple[str, ...]:
    parts = urlsplit(url)

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    try:
        own = [n for n in _named(differential) if origin(n) == origin(url)]
    except ValueError:
        own = []
    path = parts.path.rstrip("/")
    return tuple(dict.fromkeys([*own, *([at(_WELL_KNOWN + path)] if path else []), at(_WELL_KNOWN)]))


def _named(differential: Differential) -> tuple[str, ...]:
    """Where the challenges say that it lies."""
    answers = (differential.none, differential.false, differential.real)
    named = (c.get("resource_metadata") for a in answers if a for c in a.challenges)
    return tuple(n for n in named if n)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


PROBE = Probe("metadata", "the resource's metadata", ResourceMetadata, metadata)
