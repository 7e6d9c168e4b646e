"""Layer issuer: the right issuer, written otherwise than the server expects it."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import JwtView
from ..facts.oauth import METADATA, Expected, Issuers
from ..facts.wire import Differential
from ..issuer_spelling import SAME, SCHEME, SLASH, VARIANT, VERSION, apart, bare_origin, is_v1, is_v2
from .book import Verdict, cause, likely, proven

_EXPLAINS = (
    "token-not-recognised",
    "issuer-hostname-mismatch-keycloak",
    "audience-not-bound-to-resource",
    "audience-entra-api-prefix",
)


def _pair(
    jwt: JwtView, differential: Differential, expected: Expected | None, how: str
) -> tuple[str, str, str]:
    """The token's issuer, the one that is expected and who says so, where they differ in just this way; else three
    empty texts."""
    real, iss = differential.real, jwt.claims.get("iss")
    nothing = ("", "", "")
    if real is None or not real.refused or not isinstance(iss, str) or not iss or expected is None:
        return nothing
    named = expected.decisive
    if any(apart(iss, url) == SAME for _, url in named):
        return nothing
    if expected.about_audience and not expected.about and all(who == METADATA for who, _ in named):
        # the server has judged the issuer already, and speaks of something else
        return nothing
    return next(((iss, url, who) for who, url in named if apart(iss, url) == how), nothing)


def _evidence(
    jwt: JwtView, differential: Differential, wanted: str, who: str, issuers: Issuers | None = None
) -> tuple[Evidence, ...]:
    iss, real = str(jwt.claims.get("iss")), differential.real
    found = issuers.at(iss) if issuers else None
    says = (Evidence("issuer", f"asked as {iss} it says that it is {found.issuer}"),) if found else ()
    said = f"{who} say" if who == "you" else f"{who} names"
    return (
        Evidence("jwt", f"the token's issuer is {iss}"),
        Evidence("expected-issuer", f"{said} {wanted}"),
        *says,
        *((Evidence("differential", f"yours {real.met(whole=True)}"),) if real else ()),
    )


@cause(
    id="issuer-trailing-slash",
    layer="issuer",
    owner="server-admin",
    title="The token's issuer and the one that the server expects differ in the slash at the end.",
    explanation="The issuer of a token is compared character by character: with and without a slash at its end are two"
    " issuers. Auth0 and Authentik write one, Keycloak and Okta write none.",
    fix=(
        "To the server's admin: \"Write the issuer exactly as the issuer's own metadata names it"
        ' (/.well-known/openid-configuration, `issuer`), with its slash or without."',
    ),
    sources=(
        "RFC 8414 section 3.3; OpenID Connect Core section 3.1.3.7",
        "https://github.com/coreos/go-oidc/issues/338",
        "https://github.com/coreos/go-oidc/issues/203",
        "https://github.com/modelcontextprotocol/php-sdk/issues/507",
        "https://github.com/zitadel/oidc/issues/122",
    ),
    explains=_EXPLAINS,
)
def slash(
    jwt: JwtView, differential: Differential, expected: Expected | None, issuers: Issuers | None
) -> Verdict | None:
    """Not where only the metadata writes one after a bare host: many a library does so by itself (pydantic's URLs)."""
    iss, wanted, who = _pair(jwt, differential, expected, SLASH)
    if not iss or expected is None:
        return None
    if who == METADATA and not expected.about and bare_origin(wanted) and wanted.endswith("/"):
        return None
    ends = "with a slash" if iss.endswith("/") else "without a slash"
    return proven(
        *_evidence(jwt, differential, wanted, who, issuers),
        title=f"Your token's issuer is `{iss}`, {ends} at the end. This server expects `{wanted}`.",
        fix=(
            f"To the server's admin: \"Tokens come with the issuer `{iss}`. Please expect exactly that, {ends} at the"
            f' end, in place of `{wanted}`."',
            "The token itself is right: another login would bring the same issuer.",
        ),
    )


@cause(
    id="issuer-http-vs-https",
    layer="issuer",
    owner="idp-admin",
    title="The token's issuer says http where the server expects https.",
    explanation="An identity provider behind a proxy that ends TLS sees requests by http, and writes that into its"
    " tokens and metadata unless it is told how it is reached from outside. http and https are two issuers.",
    fix=(
        "To the identity provider's admin: \"Have it trust the proxy's headers, or set its public address: Keycloak"
        ' KC_HOSTNAME=https://... and KC_PROXY_HEADERS=xforwarded; the proxy must send X-Forwarded-Proto: https."',
        "Then log in again: an old token keeps its issuer.",
    ),
    sources=(
        "https://www.keycloak.org/server/reverseproxy",
        "https://github.com/tuist/tuist/issues/9663",
        "https://github.com/agentgateway/agentgateway/issues/1646",
        "https://github.com/DuendeArchive/IdentityServer4/issues/501",
    ),
    explains=_EXPLAINS,
)
def http_or_https(jwt: JwtView, differential: Differential, expected: Expected | None) -> Verdict | None:
    """The rest of both is equal."""
    iss, wanted, who = _pair(jwt, differential, expected, SCHEME)
    if not iss:
        return None
    if iss.lower().startswith("https:"):
        return proven(
            *_evidence(jwt, differential, wanted, who),
            title=f"Your token's issuer is `{iss}`. This server expects it with http: `{wanted}`.",
            fix=(f'To the server\'s admin: "Please expect the issuer `{iss}`, in place of `{wanted}`."',),
            owner="server-admin",
        )
    return proven(
        *_evidence(jwt, differential, wanted, who),
        title=f"Your token's issuer is `{iss}`. This server expects it with https: `{wanted}`.",
        fix=(
            f"To the identity provider's admin: \"It calls itself `{iss}`; its public name is `{wanted}`. Behind a"
            " proxy that ends TLS it must know that: Keycloak KC_HOSTNAME=https://its-name and"
            " KC_PROXY_HEADERS=xforwarded, uvicorn --proxy-headers, ASP.NET ForwardedHeaders; the proxy"
            ' sends X-Forwarded-Proto: https."',
            "Then log in again: an old token keeps its issuer.",
        ),
    )


@cause(
    id="issuer-entra-v1-v2",
    layer="issuer",
    owner="idp-admin",
    title="The token is of Entra's other version than the server expects.",
    explanation="Entra makes tokens of two versions with two issuers: https://sts.windows.net/TENANT/ and"
    " https://login.microsoftonline.com/TENANT/v2.0. Which one comes is decided by the API's registration, not by"
    " the address that was asked. Microsoft's own APIs always get version 1.",
    fix=(
        "To Entra's admin: \"App registrations, the server's API, Manifest: set api.requestedAccessTokenVersion to 2"
        ' (in the older form accessTokenAcceptedVersion), save."',
        'Or to the server\'s admin: "Accept both issuers."',
        "Then log in again.",
    ),
    sources=(
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens",
        "https://github.com/PrefectHQ/fastmcp/issues/2280",
        "https://github.com/PrefectHQ/fastmcp/issues/3835",
        "https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/560",
    ),
    explains=_EXPLAINS,
)
def entra_version(jwt: JwtView, differential: Differential, expected: Expected | None) -> Verdict | None:
    """The two issuers of one tenant; likely where the server says only that the issuer is wrong."""
    iss, wanted, who = _pair(jwt, differential, expected, VERSION)
    if not iss:
        return _unnamed(jwt, differential, expected)
    wants = "2" if is_v2(wanted) else "null"
    version = "1" if is_v1(iss) else "2"
    return proven(
        *_evidence(jwt, differential, wanted, who),
        Evidence("jwt", f"ver {jwt.claims.get('ver', 'absent')}"),
        title=f"Your token is of Entra's version {version} (`{iss}`). This server expects `{wanted}`.",
        fix=(
            "To Entra's admin: \"App registrations, the server's API, Manifest: api.requestedAccessTokenVersion must be"
            f' {wants} (in the older form of the manifest: accessTokenAcceptedVersion). Save."',
            f'Or to the server\'s admin: "Accept the issuer `{iss}` as well as `{wanted}`."',
            "Then log in again: an old token keeps its version.",
        ),
    )


def _unnamed(jwt: JwtView, differential: Differential, expected: Expected | None) -> Verdict | None:
    real, iss = differential.real, str(jwt.claims.get("iss") or "")
    if real is None or not real.refused or expected is None or not expected.about or not is_v1(iss):
        return None
    if expected.decisive:
        return None
    return likely(
        Evidence("jwt", f"the token's issuer is {iss}, that of Entra's version 1"),
        Evidence("differential", f"yours {real.met(whole=True)}"),
        title=f"Your token is of Entra's version 1 (`{iss}`); the server may expect version 2.",
    )


@cause(
    id="authorization-server-variant-wrong",
    layer="issuer",
    owner="you",
    title="The issuer that you named is none of those whose tokens the server takes.",
    explanation="One provider can have several authorization servers (Okta: the organisation's own and those below"
    " /oauth2/; FusionAuth: one for each tenant; Keycloak: one for each realm). A token of another one is refused.",
    fix=(
        "Use the issuer exactly as the server names it: --set issuer=ISSUER",
        "Okta: https://ORG.okta.com/oauth2/ID, in the Admin Console at Security, API, Authorization Servers.",
    ),
    sources=(
        "MCP-B12: MCP 2026-07-28, Client Registration, Authorization Server Binding",
        "https://github.com/MCPJam/inspector/issues/1002",
        "https://github.com/mastra-ai/mastra/issues/21126",
        "https://github.com/okta/okta-developer-docs/issues/1975",
    ),
    explains=("token-not-recognised", "audience-not-bound-to-resource", "insufficient-scope"),
)
def variant(jwt: JwtView, differential: Differential, expected: Expected | None) -> Verdict | None:
    """Another authorization server of the same host; a login finds by itself where the person named the wrong one."""
    iss, wanted, who = _pair(jwt, differential, expected, VARIANT)
    if not iss:
        return None
    return proven(
        *_evidence(jwt, differential, wanted, who),
        title=f"Your token is of the authorization server `{iss}`. This server takes tokens of `{wanted}`.",
        fix=(
            f"Log in at {wanted}: its address is what the client must ask (--set issuer={wanted}).",
            "Okta: in the Admin Console at Security, API, Authorization Servers each has its Issuer URI. Tokens of the"
            " org itself (without /oauth2/) are for Okta's own API alone.",
        ),
    )
