"""Layer redirect: what differs between the redirect URI of a login and the one that is registered."""

from __future__ import annotations

from urllib.parse import urlsplit

from wizard.livetest import Evidence

from ..facts.redirect import HOST, PATH, PORT, RedirectsTried, RedirectTried
from .book import Verdict, cause, proven

_WHERE = (
    "Keycloak: Clients, the client, Settings, Valid redirect URIs. Entra: App registrations, the app, Authentication,"
    " Mobile and desktop applications. Cognito: App clients, the client, Login pages, Allowed callback URLs. Okta:"
    " Applications, the app, General, Sign-in redirect URIs. Auth0: Applications, the application, Settings, Allowed"
    " Callback URLs."
)
_BRINGS = ("redirect-uri-not-registered", "client-id-not-known", "login-timed-out")


def _told(tried: RedirectsTried, good: RedirectTried) -> tuple[Evidence, ...]:
    return (
        Evidence(
            "redirects", f"GET {tried.endpoint} with redirect_uri={tried.sent} is answered {tried.status}"
        ),
        Evidence(
            "redirects",
            f"the same request with redirect_uri={good.uri} is answered {good.status}, and not refused",
        ),
    )


def _fix(tried: RedirectsTried, good: RedirectTried) -> tuple[str, ...]:
    return (
        f"Use the one that is registered: --set redirect_uri={good.uri}",
        f"Or to the identity provider's admin: \"Please register {tried.sent} as a redirect URI of this client,"
        f' beside {good.uri}."',
        _WHERE,
    )


def _other(tried: RedirectsTried, good: RedirectTried) -> str:
    """What differs besides, in brackets."""
    more = tried.differs(good)[1:]
    return f" (and by its {' and '.join(more)})" if more else ""


@cause(
    id="redirect-uri-host-localhost-vs-ip",
    layer="redirect",
    owner="you",
    title="The redirect URI is registered with another name of this machine.",
    explanation="`localhost` and `127.0.0.1` are the same machine and two different redirect URIs: they are compared as"
    " they are written. Providers differ in which of them they take, and some register one of them only.",
    fix=(
        "Use the redirect URI that is registered: --set redirect_uri=URI",
        f"Or have this one registered. {_WHERE}",
    ),
    sources=(
        "RFC 8252 section 7.3",
        "RFC 6749 section 3.1.2.3",
        "https://github.com/cognizant-ai-lab/nsflow/issues/233",
        "https://github.com/anthropics/claude-code/issues/82096",
        "https://github.com/anthropics/claude-code/issues/86233",
        "https://github.com/apify/mcpc/issues/269",
        "https://github.com/punkpeye/mcp-remote/issues/81",
        "https://github.com/NousResearch/hermes-agent/issues/29875",
    ),
    explains=_BRINGS,
)
def other_host(tried: RedirectsTried) -> Verdict | None:
    """With the other name, and everything else equal, it is not refused."""
    good = tried.first(HOST)
    if good is None:
        return None
    sent, taken = urlsplit(tried.sent).hostname, urlsplit(good.uri).hostname
    return proven(
        *_told(tried, good),
        title=f"The redirect URI of this client is registered with {taken}, and the login came with"
        f" {sent}{_other(tried, good)}.",
        fix=_fix(tried, good),
    )


@cause(
    id="redirect-uri-port-mismatch",
    layer="redirect",
    owner="idp-admin",
    title="The redirect URI is registered with another port, or without one.",
    explanation="A program on your own machine waits for the login on a port that may differ each time, so an"
    " authorization server has to leave the port of such a redirect URI out when it compares (RFC 8252 section 7.3)."
    " This one compares it, or the client was registered with another one.",
    fix=(
        "Use the port that is registered: --port PORT, or --set redirect_uri=URI",
        "To the identity provider's admin: \"Please let the port of loopback redirect URIs vary (RFC 8252 section"
        ' 7.3), or register the one that this client uses."',
        _WHERE,
    ),
    sources=(
        "RFC 8252 section 7.3",
        "https://github.com/honojs/middleware/issues/1823",
        "https://github.com/anthropics/claude-code/issues/90370",
        "https://github.com/cloudflare/mcp/issues/44",
        "https://github.com/avelino/mcp/issues/16",
    ),
    explains=_BRINGS,
)
def other_port(tried: RedirectsTried) -> Verdict | None:
    """With another port, or none, and everything else equal, it is not refused."""
    good = tried.first(PORT)
    if good is None:
        return None
    sent, taken = urlsplit(tried.sent).port, urlsplit(good.uri).port
    came = f"with port {sent}" if sent else "without a port"
    if taken is None:
        return proven(
            *_told(tried, good),
            title=f"The redirect URI of this client is registered without a port, and compared with it: {sent} is"
            f" refused{_other(tried, good)}.",
            fix=(
                "To the identity provider's admin: \"Please let the port of loopback redirect URIs vary (RFC 8252"
                f' section 7.3), or register {tried.sent} for this client."',
                _WHERE,
            ),
        )
    return proven(
        *_told(tried, good),
        title=f"The redirect URI of this client is registered with port {taken}, and the login came"
        f" {came}{_other(tried, good)}.",
        fix=(f"Use that port: --port {taken}", *_fix(tried, good)),
        owner="you",
    )


@cause(
    id="redirect-uri-path-or-slash-mismatch",
    layer="redirect",
    owner="you",
    title="The redirect URI is registered with another path.",
    explanation="Redirect URIs are compared to the letter: a slash at the end, small and capital letters, or a prefix"
    " under which a server is mounted make another one.",
    fix=(
        "Use the redirect URI that is registered: --set redirect_uri=URI",
        f"Or have this one registered. {_WHERE}",
    ),
    sources=(
        "RFC 6749 section 3.1.2.3",
        "RFC 9700 section 4.1.3",
        "https://github.com/PrefectHQ/fastmcp/issues/2139",
        "https://github.com/awslabs/cognito-at-edge/issues/6",
    ),
    explains=_BRINGS,
)
def other_path(tried: RedirectsTried) -> Verdict | None:
    """With another path, and everything else equal, it is not refused."""
    good = tried.first(PATH)
    if good is None:
        return None
    sent, taken = urlsplit(tried.sent).path, urlsplit(good.uri).path
    slash = sent.rstrip("/") == taken.rstrip("/")
    how = (
        f"{'with' if taken.endswith('/') else 'without'} a slash at its end"
        if slash
        else f"with the path {taken}"
    )
    return proven(
        *_told(tried, good),
        title=f"The redirect URI of this client is registered {how}; the login came with {sent or 'none'}.",
        fix=_fix(tried, good),
    )
