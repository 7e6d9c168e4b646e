"""What a login's failure comes to, seen with which scopes were asked for, and on whose word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.livetest import LIKELY, Evidence

from .problems import OAuthProblem

if TYPE_CHECKING:
    from .model import ServerMetadata
    from .walk import Wanted

_UNKNOWN = "scope-not-known-at-issuer"
_CODE = "authorization-code-refused"


def nearer(problem: OAuthProblem, wanted: Wanted, server: ServerMetadata) -> OAuthProblem:
    """The same problem, or the one behind it."""
    if problem.id == _UNKNOWN and wanted.listed and len(wanted.scopes) > 1 and not _unlisted(wanted, server):
        return _of_a_list(problem, wanted)
    if problem.id == _CODE and not wanted.scopes and (server.scopes_supported or _is_cognito(wanted)):
        return _for_no_scope(problem, server)
    return problem


def _unlisted(wanted: Wanted, server: ServerMetadata) -> bool:
    """Whether the issuer itself lists its scopes, and not all of these."""
    known = server.scopes_supported
    return known is not None and not set(wanted.scopes) <= set(known)


def _is_cognito(wanted: Wanted) -> bool:
    return wanted.provider is not None and wanted.provider.id == "cognito"


def _of_a_list(problem: OAuthProblem, wanted: Wanted) -> OAuthProblem:
    asked = " ".join(wanted.scopes)
    return OAuthProblem(
        "invalid-scope-requested-from-metadata",
        f"All {len(wanted.scopes)} scopes that the metadata lists were asked for; this client may not have them all.",
        problem.detail,
        (
            "Ask for less: --scopes SCOPES, or --set scope=SCOPES (openid alone shows whether it is this).",
            "To the server's admin: \"scopes_supported of the resource metadata lists scopes that clients cannot get."
            f' Name there, and in the challenge, only what is needed. It lists: {asked[:200]}"',
            "Or the identity provider's admin: allow the client all of them.",
        ),
        evidence=(
            *problem.evidence,
            Evidence("discovery", f"nobody said which are needed; the resource metadata lists {asked[:300]}"),
        ),
    )


def _for_no_scope(problem: OAuthProblem, server: ServerMetadata) -> OAuthProblem:
    offered = " ".join(server.scopes_supported or ())
    return OAuthProblem(
        "no-scope-requested",
        "No scope was asked for, and the token endpoint does not take the code that came of it.",
        problem.detail,
        (
            f"Ask for scopes by name: --set scope='SCOPES'{f' ({offered[:200]})' if offered else ''}",
            "The server's admin: name what is needed in the resource metadata (scopes_supported) and the challenge.",
        ),
        evidence=(
            *problem.evidence,
            Evidence(
                "discovery",
                "neither the challenge nor the resource metadata names a scope: none was asked for",
            ),
            *([Evidence("discovery", f"the issuer lists {offered[:300]}")] if offered else []),
        ),
        certainty=LIKELY,
    )
