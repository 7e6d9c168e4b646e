"""A server that goes on asking for scopes which the login has asked for: whose fault that is, as far as it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from diagnostics.answers import clean
from wizard.livetest import Evidence
from wizard.oauth.problems import OAuthProblem

if TYPE_CHECKING:
    from wizard.oauth.model import Login

IN_VAIN: Final = "step-up-scope-loop"
_SERVER: Final = (
    "The server's admin: find out why a token with these scopes is refused; one that can be had by no scope is no"
    " insufficient_scope.",
    "Or name in one challenge every scope that the request needs, not one after the other.",
    "The token that was given can be looked at: authwizard token",
)
_ISSUER: Final = (
    "The identity provider's admin: allow this client, and this user, the scopes that are not granted.",
    "Keycloak: Clients, the client, Client scopes. Okta: Security, API, the authorization server, Access policies."
    " Auth0: APIs, the API, Permissions, and the user's. Entra: the app's API permissions, and admin consent.",
    "Then log in again.",
)


def in_vain(
    login: Login,
    in_token: Sequence[str] | None,
    wanted: Sequence[str],
    before: Sequence[Sequence[str]],
    status: int = 403,
) -> OAuthProblem:
    """What is to be said of it. ``login`` is the last one, ``in_token`` the scopes that stand in its token (None where
    none are to be read), ``wanted`` what the server asked for last, ``before`` what it asked for before each further
    login, ``status`` how it answers now. Where the token was given without one of them, it is the issuer who does not
    grant it."""
    granted = login.scopes if in_token is None else tuple(in_token)
    withheld = [s for s in wanted if s not in login.scopes or s not in granted]
    names = ", ".join(f"`{clean(s)}`" for s in withheld or wanted)
    if withheld:
        title = f"{clean(login.issuer)} does not grant {names}, which the server asks for."
    elif status == 403:
        title = f"The server goes on asking for {names}, which the token has."
    else:
        title = f"The server asked for {names}, which the token had, and turns the token of another login away too."
    said = "granted" if in_token is None else "in the token"
    asked = dict.fromkeys(map(tuple, (*before, wanted) if status == 403 else before))
    evidence = (
        Evidence("step-up", f"the login asked for: {_listed(login.asked)}"),
        Evidence("step-up", f"{said}: {_listed(granted)}"),
        *(Evidence("step-up", f"403 insufficient_scope asked for: {_listed(scopes)}") for scopes in asked),
        Evidence("step-up", f"after {len(before) + 1} logins the server answers {status}"),
    )
    return OAuthProblem(
        IN_VAIN,
        title,
        f"After {len(before) + 1} logins it answers {status}.",
        _ISSUER if withheld else _SERVER,
        evidence=evidence,
        owner="idp-admin" if withheld else "server-admin",
    )


def _listed(scopes: Sequence[str]) -> str:
    return clean(" ".join(scopes)) or "none"
