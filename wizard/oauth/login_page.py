"""What an authorization endpoint says before any login: RFC 6749 section 4.1.2.1 has it tell the person, and not the
client, that the client or its redirect URI is unknown, so its page is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wizard.livetest import LIKELY, PROVEN, Evidence

from .problems import OAuthProblem
from .waiting import register

if TYPE_CHECKING:
    from .authorization import Request

_STEP: Final = "authorization"
_ECHO: Final = re.compile(r"redirect_uri(?:=|%3d|&quot;|[\"'\s:]+value)\S*")
"""The request's own parameter, which a page repeats in its links and forms."""
# Keycloak "Client not found.", Entra AADSTS700016, Auth0 "Unknown client: ...", oidc-provider "invalid_client", Google
# "The OAuth client was not found.", Cognito "Client ... does not exist.", FusionAuth "invalid_client_id"
_CLIENT: Final = re.compile(
    r"invalid_client\b|invalid[ _]client[ _]?id|(?:unknown|invalid|no such) client"
    r"|client(?:[ _]?id)?(?: \S+)?(?: is| was)? (?:not found|not known|not registered|unknown|invalid|does not exist)"
    r"|aadsts700016"
)
_REDIRECT: Final = re.compile(
    r"redirect(?:ion)?[ _-]?ur[il]|redirect[ _]mismatch|callback[ _]ur[il]|aadsts50011\b"
)
_COMPARE: Final = (
    "Compare the client id with what the identity provider shows; its admin knows whether the client still"
    " exists."
)


def refusal(asked: Request, client_id: str, status: int, page: str) -> OAuthProblem:
    """The refusal as the problem that the page's words make it; ``page`` is its text with the address that it leads
    to. Where they do not tell client and redirect URI apart, it is likely either, and both are named."""
    words = _ECHO.sub(" ", " ".join(page.split()).lower())
    client, redirect = bool(_CLIENT.search(words)), bool(_REDIRECT.search(words))
    seen = Evidence(_STEP, f"GET {asked.shown} is answered {status}, before any login")
    shown = client_id[:80]
    by_client = Evidence(_STEP, f"client id {shown}")
    by_redirect = Evidence(_STEP, f"redirect URI {asked.redirect_uri}")
    if client and not redirect:
        return OAuthProblem(
            "client-id-not-known",
            f"The authorization server does not know the client id `{shown}`.",
            "Its page speaks of the client, not of the redirect URI.",
            evidence=(seen, by_client),
        )
    fix = (
        register(asked.redirect_uri, asked.shown),
        "Or use the one that is registered: --set redirect_uri=URI",
    )
    if redirect and not client:
        return OAuthProblem(
            "redirect-uri-not-registered",
            f"The authorization server does not accept the redirect URI {asked.redirect_uri} of this client.",
            "Its page speaks of the redirect URI.",
            (*fix, _COMPARE),
            evidence=(seen, by_redirect),
            certainty=PROVEN,
        )
    if client or status == 400:
        return OAuthProblem(
            "redirect-uri-not-registered",
            f"The authorization server does not know the client id `{shown}`, or not with this redirect URI.",
            f"Its page does not say which. The redirect URI is {asked.redirect_uri}.",
            (_COMPARE, *fix),
            evidence=(seen, by_client, by_redirect),
            certainty=LIKELY,
        )
    return OAuthProblem(
        "authorization-refused",
        "The authorization server refuses the login before it begins.",
        f"Its login address answered {status}.",
        evidence=(seen,),
    )
