"""Why the token endpoint gave nothing for a login that had come back well, told apart by what it answered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.livetest import Evidence

from .problems import OAuthProblem
from .refresh_refusals import OF_THE_CLIENT

if TYPE_CHECKING:
    from .client_auth import OAuthClient
    from .posting import TokenRefused
    from .walk import Wanted

_CLIENT: Final = frozenset({"invalid_client", "unauthorized_client"})
_ASKED: Final = {
    "invalid_target": (
        "resource-not-accepted",
        "The authorization server does not know the resource that was named.",
    ),
    "invalid_scope": (
        "scope-not-known-at-issuer",
        "The authorization server does not know a scope that was asked for.",
    ),
    "invalid_grant": (
        "authorization-code-refused",
        "The token endpoint does not take the code of this login.",
    ),
}
_OWN_WORDS: Final = {
    "bad_verification_code": "invalid_grant",
    "incorrect_client_credentials": "invalid_client",
    "invalid_code": "invalid_grant",
    "invalid_client_id": "invalid_client",
    "bad_client_secret": "invalid_client",
}
"""GitHub's and Slack's: https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-
access-token-request-errors, https://docs.slack.dev/reference/methods/oauth.v2.access"""
# https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes: the resource and the scopes differ,
# the resource is not in the tenant
_RESOURCE: Final = re.compile(r"AADSTS(9010010|500011)\b")


def why(refused: TokenRefused, client: OAuthClient, wanted: Wanted, *, dynamic: bool) -> OAuthProblem:
    """The refusal as the problem that it is. ``dynamic`` is whether the client has registered itself."""
    words = (str(refused.status), refused.error, refused.detail)
    seen = [f"POST {refused.endpoint} is answered {' '.join(w for w in words if w)}"]
    error = (
        "invalid_target"
        if _RESOURCE.search(refused.description)
        else _OWN_WORDS.get(refused.error, refused.error)
    )
    if refused.status == 429 or refused.status >= 500:
        id, title = "authorization-server-error", refused.title
        if refused.status == 429:
            id, title = "rate-limited", "The identity provider wants no more requests now."
        return _problem(id, title, refused, seen, *refused.fix)
    if error in _CLIENT or any(kind.says.search(refused.description) for kind in OF_THE_CLIENT):
        return _of_the_client(refused, client, seen, dynamic=dynamic)
    if error in _ASKED:
        id, title = _ASKED[error]
        if error == "invalid_target":
            seen.append(f"resource {wanted.resource or 'none'}")
        if error == "invalid_scope":
            seen.append(f"scopes asked for: {' '.join(wanted.scopes) or 'none'}")
        return _problem(id, title, refused, seen)
    return _problem("token-request-refused", refused.title, refused, seen, *refused.fix)


def _of_the_client(
    refused: TokenRefused, client: OAuthClient, seen: list[str], *, dynamic: bool
) -> OAuthProblem:
    kind = next((k for k in OF_THE_CLIENT if k.says.search(refused.description)), None)
    seen.append(f"client id {client.id[:80]}, {_shown(client)}")
    if kind is not None:
        return _problem(kind.id, kind.title, refused, seen, *kind.fix, owner=kind.owner)
    if refused.error == "unauthorized_client":
        title = f"The client `{client.id[:80]}` may not get a token for a login."
        allow = (
            "The identity provider's admin: allow the client the grant that this login uses (Keycloak: Clients, the"
            " client, Settings, Standard flow, or OAuth 2.0 Device Authorization Grant)."
        )
        return _problem("client-grant-not-allowed", title, refused, seen, allow)
    if dynamic:
        title = "The token endpoint does not know the client that was registered for this login."
        again = (
            "Log in again, which registers a new one.",
            "If it comes back: the identity provider's admin has to look why it forgets clients (several servers behind"
            " one address, each with a store of its own).",
        )
        return _problem("stale-dynamic-client", title, refused, seen, *again)
    with_it = "with this secret" if client.secret else "without a secret"
    title = f"The identity provider does not take the client id `{client.id[:80]}` {with_it}."
    fix = (
        "Compare the client id with the one that the identity provider shows for this client.",
        "Make a new client secret there, copy its value (not its id), and give it: --secret client_secret=SOURCE"
        if client.secret
        else "If the client has a secret there, give it: --secret client_secret=SOURCE",
    )
    return _problem("client-secret-wrong-or-id-instead-of-value", title, refused, seen, *fix)


def _shown(client: OAuthClient) -> str:
    """How the client showed who it is."""
    return client.authentication if client.secret or client.private_key else "no secret"


def _problem(
    id: str,
    title: str,
    refused: TokenRefused,
    seen: list[str],
    *fix: str,
    owner: str = "",
) -> OAuthProblem:
    evidence = tuple(Evidence("token-answer", fact) for fact in seen)
    said = " ".join(word for word in (refused.error, refused.description) if word)
    return OAuthProblem(id, title, f"It said: {said}." if said else "", fix, evidence=evidence, owner=owner)
