"""Layer scope: what a credential may do."""

from __future__ import annotations

from collections.abc import Callable

from wizard.livetest import Evidence

from ..facts import Clock, JwtView, ResourceMetadata, Scopes
from ..wire_facts import Differential
from ..words import number
from .book import Verdict, cause, likely, proven


@cause(
    id="insufficient-scope",
    layer="scope",
    owner="you",
    title="The credential lacks a scope.",
    explanation="The server knows the credential and refuses this call: it needs a permission that was not given.",
    fix=("Make a new token with the scopes that are missing, or log in again and consent to them.",),
    sources=(
        "RFC 6750 section 3.1",
        "https://github.com/giantswarm/mcp-debug/issues/44",
        "https://github.com/anthropics/claude-code/issues/44652",
        "FAOS: Authentication Setup, Troubleshooting (403)",
    ),
    standing=True,
)
def insufficient(
    differential: Differential,
    scopes: Scopes | None,
    jwt: JwtView | None,
    metadata: ResourceMetadata | None,
    clock: Clock | None,
) -> Verdict | None:
    """By the server's own word; by scopes that were asked for and are not granted; by a token that has none of
    what the server supports."""
    real = differential.real
    if real is None:
        return None
    if real.refused:
        named = any(c.get("error") == "insufficient_scope" for c in real.challenges)
        if named or real.code == "insufficient_scope":
            return _verdict(proven, f"the server answers {real.seen()}", scopes)
        own_words = not real.same_as(differential.false)
        if real.status == 403 and own_words and "scope" in real.words().lower():
            return _verdict(likely, f"the server says: {real.says or real.words()}", scopes)
        if scopes and scopes.missing and _in_time(jwt, clock):
            return _verdict(likely, f"the server answers {real.seen()}", scopes)
        return _by_metadata(differential, scopes, jwt, metadata, clock)
    if real.accepted and scopes and scopes.missing and scopes.source != "the server":
        return _verdict(proven, f"the credential is accepted: {real.seen()}", scopes)
    return None


def _verdict(say: Callable[..., Verdict], answer: str, scopes: Scopes | None) -> Verdict:
    missing = (scopes.missing or (scopes.required if scopes.granted is None else ())) if scopes else ()
    evidence = [Evidence("differential", answer)]
    if scopes and scopes.granted is not None:
        evidence.append(Evidence("scopes", f"granted: {' '.join(scopes.granted) or 'none'}"))
    if scopes and scopes.required:
        evidence.append(Evidence("scopes", f"needed by {scopes.source}: {' '.join(scopes.required)}"))
    if not missing:
        return say(*evidence)
    listed = ", ".join(f"`{s}`" for s in missing)
    if scopes and scopes.choice and len(missing) > 1:
        listed = f"one of {listed}"
    title = f"The credential lacks {listed}."
    fix = (
        f"Make a new token that also has {listed}, or log in again and consent to it.",
        "Then store it in place of the old one.",
    )
    return say(*evidence, title=title, fix=fix)


def _by_metadata(
    differential: Differential,
    scopes: Scopes | None,
    jwt: JwtView | None,
    metadata: ResourceMetadata | None,
    clock: Clock | None,
) -> Verdict | None:
    """Some servers (FastMCP) answer a missing scope as they answer garbage; the metadata tells what they want."""
    real = differential.real
    if not (real and jwt and metadata and metadata.scopes and scopes and scopes.granted is not None):
        return None
    lacking = Scopes(metadata.scopes, "the server's metadata", scopes.granted)
    if len(lacking.missing) < len(metadata.scopes) or not _in_time(jwt, clock):
        return None
    return _verdict(likely, f"the server answers {real.seen()}", lacking)


def _in_time(jwt: JwtView | None, clock: Clock | None) -> bool:
    until = number(jwt.claims.get("exp")) if jwt else None
    return until is None or clock is None or until > clock.now
