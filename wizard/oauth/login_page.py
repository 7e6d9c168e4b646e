"""What an authorization endpoint says before any login: RFC 6749 section 4.1.2.1 has it tell the person, and not the
client, that the client or its redirect URI is unknown, so its page is read."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urljoin, urlsplit

from wizard.livetest import LIKELY, PROVEN, Evidence

from .authorization import NO_CONNECTION, RedirectRefused, Request, without_connection
from .problems import OAuthProblem
from .waiting import register

if TYPE_CHECKING:
    from wizard.exchange import Reply

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
# Entra's page about AADSTS50011 is a 200, and so are those of others; one that asks for a name is none
_MISMATCH: Final = re.compile(
    r"aadsts(?:50011|700016|9010010|500011)\b|redirect_(?:uri_)?mismatch"
    r"|(?:invalid|unregistered|unknown|mismatching)(?: parameter:?)? (?:redirect|callback)[ _-]?ur[il]"
    r"|(?:redirect|callback)[ _-]?ur[il] (?:is |was |does |did )?(?:not |invalid|mismatch)"
)
_FORM: Final = re.compile(r"<form\b|type=.?password", re.I)
_OWN: Final = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:/[\w./~-]*)?")
_PAGE: Final = 20_000
_SHOWN: Final = 350
_UNSEEN: Final = re.compile(r"<(script|style|title)\b.*?</\1\s*>|<[^<>]*>", re.I | re.S)
_MOST: Final = 3
_COMPARE: Final = (
    "Compare the client id with what the identity provider shows; its admin knows whether the client still"
    " exists."
)


def refused(reply: Reply, asked: Request, redirect_uri: str = "") -> bool | None:
    """Whether a login does not even begin with this redirect URI (that of ``asked`` where it is empty); None where the
    answer tells nothing about that."""
    onward = _onward(reply, asked)
    if reply.status >= 500:
        # some fail over a redirect URI that they do not know, and say so
        return True if _MISMATCH.search(_plain(reply)) else None
    if reply.status == 429:
        return None
    if reply.status >= 400:
        return True
    if onward:
        return (
            not onward.startswith(redirect_uri or asked.redirect_uri)
            and "error" in urlsplit(onward).path.lower()
        )
    page = reply.body[:_PAGE].decode("utf-8", "replace")
    return not _FORM.search(page) and bool(_MISMATCH.search(_plain(reply)))


def told(reply: Reply, asked: Request, client_id: str) -> OAuthProblem:
    """The refusal of a login that does not begin, as the problem that it is."""
    page = reply.body[:_PAGE].decode("utf-8", "replace")
    problem = refusal(asked, client_id, reply.status, f"{page} {_onward(reply, asked)}")
    if says := _visible(page):
        problem.evidence = (*problem.evidence, Evidence(_STEP, f"its page says: {says}"))
    return problem


def _visible(page: str) -> str:
    """What a person sees of the page, as far as it is one; the whole words of its beginning."""
    text = " ".join(html.unescape(_UNSEEN.sub(" ", page)).split()) if "<" in page else ""
    plain = "".join(c for c in text if c.isprintable())
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN].rpartition(" ")[0]


def _onward(reply: Reply, asked: Request) -> str:
    place = reply.headers.get("location") or ""
    return urljoin(asked.shown, place) if place else ""


def _plain(reply: Reply) -> str:
    page = html.unescape(reply.body[:_PAGE].decode("utf-8", "replace")).lower()
    return " ".join(re.sub(r"<[^<>]*>|[`'\"]", " ", _ECHO.sub(" ", page)).split())


def _named(page: str, sent: str) -> tuple[str, ...]:
    """Redirect URIs of this machine that a page names beside the one that was sent."""
    found = (uri.rstrip(".") for uri in _OWN.findall(unquote(html.unescape(page))))
    return tuple(dict.fromkeys(uri for uri in found if uri != sent))[:_MOST]


def refusal(asked: Request, client_id: str, status: int, page: str) -> OAuthProblem:
    """The refusal as the problem that the page's words make it; ``page`` is its text with the address that it leads
    to. Where they do not tell client and redirect URI apart, it is likely either, and both are named."""
    words = _ECHO.sub(" ", " ".join(page.split()).lower())
    client, redirect = bool(_CLIENT.search(words)), bool(_REDIRECT.search(words))
    seen = Evidence(_STEP, f"GET {asked.shown} is answered {status}, before any login")
    shown = client_id[:80]
    by_client = Evidence(_STEP, f"client id {shown}")
    by_redirect = Evidence(_STEP, f"redirect URI {asked.redirect_uri}")
    if without_connection(words):
        return OAuthProblem(
            NO_CONNECTION,
            "The authorization server has no way to log anybody in for this client.",
            "Its page says that no connection is enabled for it.",
            evidence=(seen, by_client),
        )
    # https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
    if "aadsts9010010" in words:
        return OAuthProblem(
            "resource-scope-conflict-aadsts9010010",
            "Entra refuses the login: the resource that it names is not the API that its scopes belong to.",
            "Its page says AADSTS9010010.",
            evidence=(seen, by_client),
        )
    if "aadsts500011" in words:
        return OAuthProblem(
            "resource-principal-not-found-aadsts500011",
            "Entra finds no API by the name that was asked for.",
            "Its page says AADSTS500011.",
            evidence=(seen, by_client),
        )
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
    id = "redirect-uri-not-registered"
    if redirect and not client:
        problem = RedirectRefused(
            id,
            f"The authorization server does not accept the redirect URI {asked.redirect_uri} of this client.",
            "Its page speaks of the redirect URI.",
            (*fix, _COMPARE),
            evidence=(seen, by_redirect),
            certainty=PROVEN,
        )
        return _about(asked, page, problem)
    if client or status == 400:
        problem = RedirectRefused(
            id,
            f"The authorization server does not know the client id `{shown}`, or not with this redirect URI.",
            f"Its page does not say which. The redirect URI is {asked.redirect_uri}.",
            (_COMPARE, *fix),
            evidence=(seen, by_client, by_redirect),
            certainty=LIKELY,
        )
        return _about(asked, page, problem)
    return OAuthProblem(
        "authorization-refused",
        "The authorization server refuses the login before it begins.",
        f"Its login address answered {status}.",
        evidence=(seen,),
    )


def _about(asked: Request, page: str, problem: RedirectRefused) -> RedirectRefused:
    """The problem with what the neighbours of its redirect URI can be asked with."""
    problem.asked, problem.named = asked, _named(page, asked.redirect_uri)
    return problem
