"""What the token may do, and what is demanded of it: by the refusal, the metadata, the catalogue, the person."""

from __future__ import annotations

from collections.abc import Iterator

from ..engine import Context, Probe, Skip
from ..facts import JwtView, ResourceMetadata, Scopes
from ..facts.permission import GROUP, ROLE, SCOPE, SERVER, YOU, Demand, Permissions
from ..facts.wire import Answer, Differential
from ..permissions import claims_named, demanded, echoed, overage, program, shapes, walk


async def permissions(
    context: Context,
    differential: Differential | None,
    jwt: JwtView | None,
    scopes: Scopes | None,
    metadata: ResourceMetadata | None,
) -> Permissions | Skip:
    """Nothing is sent: the refusal is read once more, whole."""
    real = differential.real if differential else None
    refused = real if real is not None and not real.accepted else None
    body = excerpt(context, refused)
    words = " ".join(dict.fromkeys(w for w in (refused.words() if refused else "", body) if w))
    claims = jwt.claims if jwt else {}
    held = tuple(walk(claims))
    demands = [*_asked(context), *_by_scopes(scopes)]
    if refused is not None:
        demands += demanded(words, body)
        demands += echoed(held, words)
    demands += [
        Demand(SCOPE, s, "the server's metadata", certain=False)
        for s in (metadata.scopes if metadata else ())
    ]
    if not claims and not demands:
        return Skip("no token that can be read, and nothing is demanded of it by name")
    return Permissions(
        held,
        tuple(dict.fromkeys(demands)),
        tuple(shapes(claims)),
        words,
        claims_named(words),
        overage(claims),
        program(claims),
        tuple(claims),
    )


def excerpt(context: Context, answer: Answer | None) -> str:
    """The recorded beginning of an answer's body, which is redacted."""
    if answer is None or not answer.number:
        return ""
    found = next((e.excerpt for e in reversed(context.transport.exchanges) if e.number == answer.number), "")
    return "" if answer.content in ("text/html", "application/xhtml+xml") else found


def _asked(context: Context) -> Iterator[Demand]:
    yield from (Demand(SCOPE, s, YOU) for s in context.require_scopes)
    yield from (Demand(GROUP, g, YOU) for g in context.require_groups)
    yield from (Demand(ROLE, r, YOU) for r in context.require_roles)
    service = context.target.service
    needs = service.scopes_for(frozenset({context.tool})) if service and context.tool else ()
    yield from (Demand(SCOPE, s, f"the tool {context.tool}", certain=False) for s in needs)


def _by_scopes(scopes: Scopes | None) -> Iterator[Demand]:
    if scopes is None:
        return
    source = SERVER if scopes.source == "the server" else scopes.source
    yield from (Demand(SCOPE, s, source, scopes.choice, not scopes.own) for s in scopes.required)


PROBE = Probe("permissions", "what the token may do, and must", Permissions, permissions)
