"""For whom a token must be, that this server takes."""

from __future__ import annotations

import re
from typing import Final

from wizard import providers
from wizard.errors import CatalogueError

from ..engine import Context, Probe, Skip
from ..facts import JwtView, ResourceMetadata
from ..facts.audience import METADATA, REFUSAL, SCOPES, YOU, Audiences
from ..facts.wire import Differential
from ..token_words import AUDIENCE, about, expected_audiences

_API: Final = re.compile(r"(api://.+)/[^/]+")
"""Entra's scopes begin with the audience that they are for."""
_MOST: Final = 6


async def audiences(
    context: Context, jwt: JwtView, metadata: ResourceMetadata | None, differential: Differential | None
) -> Audiences | Skip:
    """By the server's refusal, by the person, by the server's metadata. Nothing is asked."""
    real = differential.real if differential else None
    words = real.told() if real is not None and real.refused else ""
    named = [(REFUSAL, value) for value in expected_audiences(words)]
    if said := context.target.said_audience:
        named.append((YOU, said))
    if metadata is not None:
        named += [(METADATA, metadata.resource)] if metadata.resource else []
        named += [(SCOPES, m[1]) for s in metadata.scopes if (m := _API.fullmatch(s))]
    provider = _provider(str(jwt.claims.get("iss") or ""))
    kept = tuple(dict.fromkeys(named))[:_MOST]
    wanted = next((value for _, value in kept), "the server's address")
    client = str(jwt.claims.get("azp") or jwt.claims.get("client_id") or "")[:80]
    return Audiences(
        kept,
        about(words, AUDIENCE),
        provider.id if provider else "",
        provider.title if provider else "",
        provider.bound_to(wanted, client) if provider else (),
    )


def _provider(issuer: str) -> providers.Provider | None:
    try:
        return providers.of(issuer) if issuer else None
    except CatalogueError:
        # a description of the person's own that cannot be read is not what is asked about here
        return None


PROBE = Probe("audiences", "for whom a token must be", Audiences, audiences)
