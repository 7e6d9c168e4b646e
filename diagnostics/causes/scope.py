"""Layer scope: what a credential may do."""

from __future__ import annotations

from collections.abc import Callable

from wizard.livetest import Evidence

from ..facts import THE_SERVER, Clock, JwtView, Scopes
from ..facts.permission import GROUP, ROLE, SCOPE, Permissions
from ..facts.wire import Differential
from ..words import number
from . import told
from .book import Verdict, cause, likely, proven
from .permitted import by_roles

cause(
    id="step-up-scope-loop",
    layer="scope",
    owner="server-admin",
    title="The server goes on asking for scopes that the login has asked for already.",
    explanation="A server that wants more scopes than a token has says which, and a client logs in once more with those"
    " added. This one refused the new token for the same scopes again, or for others each time: another login would"
    " change nothing. Either the identity provider does not grant them, or the server judges by something else.",
    fix=(
        "Compare the scopes of the token (authwizard token) with those that the server asks for.",
        "A scope is missing: the identity provider's admin has to allow it. None is: the server's admin has to look.",
    ),
    sources=(
        "MCP-C16, MCP-C17: MCP 2026-07-28, Overview, Step-Up Authorization Flow",
        "RFC 6750 section 3.1",
        "https://github.com/modelcontextprotocol/typescript-sdk/issues/1582",
        "https://github.com/modelcontextprotocol/modelcontextprotocol/issues/2349",
        "https://github.com/anthropics/claude-code/issues/28258",
        "https://github.com/modelcontextprotocol/python-sdk/issues/2676",
    ),
    explains=("insufficient-scope",),
)(told.by_login)


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
    clock: Clock | None,
    permissions: Permissions | None,
) -> Verdict | None:
    """By the server's own word; by scopes that were asked for and are not granted; by a token that has none of
    what the server supports."""
    real = differential.real
    if real is None:
        return None
    if real.refused:
        named = any(c.get("error") == "insufficient_scope" for c in real.challenges)
        if named or real.code == "insufficient_scope" or (real.hidden and real.needs):
            if permissions and by_roles(permissions):
                return None
            say = likely if _in_vain(scopes, permissions) else proven
            return _verdict(say, f"the server {real.gives()}", scopes)
        own_words = not real.same_as(differential.false)
        if real.status == 403 and own_words and "scope" in real.words().lower():
            return _verdict(likely, f"the server says: {real.says or real.words()}", scopes)
        if scopes and scopes.missing and _in_time(jwt, clock):
            return _verdict(likely, f"the server {real.gives()}", scopes)
        return _by_metadata(differential, scopes, jwt, clock, permissions)
    if real.accepted and scopes and scopes.missing and scopes.source != THE_SERVER:
        return _verdict(proven, f"the credential is accepted: {real.seen()}", scopes)
    return None


@cause(
    id="github-classic-scope-missing",
    layer="scope",
    owner="you",
    title="The token has none of the scopes that this request needs.",
    explanation="The answer's own headers tell: the scopes that the token has, and those of which one is needed. What"
    " the token may not see is answered 403, or 404 as if it were not there.",
    fix=(
        "Edit the token, or make a new one, with one of the scopes that are needed.",
        "Where the organization uses single sign-on, also authorize the token for it.",
    ),
    sources=(
        "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps",
        "https://github.com/andrewthetechie/gha-repo-manager/issues/246",
        "https://github.com/fwouts/prmonitor/issues/1042",
    ),
    explains=("insufficient-scope", "token-not-recognised", "wrong-environment-url"),
)
def none_accepted(differential: Differential, scopes: Scopes) -> Verdict | None:
    """The two headers have no scope in common, what a scope includes counted in."""
    real = differential.real
    if real is None or real.status not in (403, 404) or scopes.source != THE_SERVER:
        return None
    if not scopes.choice or scopes.granted is None or not scopes.missing:
        return None
    one = " or ".join(f"`{s}`" for s in scopes.required)
    has = scopes.granted if real.granted is None else real.granted
    return proven(
        Evidence("differential", f"the server {real.gives()}"),
        Evidence("scopes", f"the token has: {' '.join(has) or 'none'}"),
        Evidence("scopes", f"one of these is needed: {' '.join(scopes.required)}"),
        title=f"The token lacks {one}.",
        fix=(
            f"Edit the token, or make a new one, with {one}: the least of them that does.",
            "Then store it in place of the old one. If the organization uses single sign-on, authorize it there too.",
        ),
    )


def _in_vain(scopes: Scopes | None, permissions: Permissions | None) -> bool:
    """Whether the scopes that are named are all there, or it is a role or a group that the refusal names: then more
    scopes would not help."""
    if scopes and scopes.required:
        return scopes.granted is not None and not scopes.missing
    other = (ROLE, GROUP)
    return permissions is not None and any(permissions.demanded(k) for k in other)


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
    clock: Clock | None,
    permissions: Permissions | None,
) -> Verdict | None:
    """Some servers (FastMCP) answer a missing scope as they answer garbage; the metadata tells what they want."""
    real = differential.real
    listed = permissions.demanded(SCOPE, certain=False) if permissions else ()
    offered = tuple(d.value for d in listed if not d.certain)
    if not (real and jwt and offered and scopes and scopes.granted is not None):
        return None
    lacking = Scopes(offered, "the server's metadata", scopes.granted)
    if len(lacking.missing) < len(offered) or not _in_time(jwt, clock):
        return None
    return _verdict(likely, f"the server {real.gives()}", lacking)


def _in_time(jwt: JwtView | None, clock: Clock | None) -> bool:
    until = number(jwt.claims.get("exp")) if jwt else None
    return until is None or clock is None or until > clock.now
