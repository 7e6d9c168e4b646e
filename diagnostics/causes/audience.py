"""Layer audience: for whom a token was made.

`diagnostics.audiences` finds the one kind of mismatch that there is; each cause is such a kind.
"""

from __future__ import annotations

from wizard.livetest import Evidence

from ..audiences import COGNITO, ELSEWHERE, KEYCLOAK, OTHER, PREFIX, Mismatch, mismatch
from ..facts import Clock, JwtView
from ..facts.audience import YOU, Audiences
from ..facts.wire import Differential
from .book import Verdict, cause, likely, proven

_AGAIN = "Then log in again: an old token keeps its audience."
_EXPLAINS = ("token-not-recognised",)


def _found(
    kind: str, jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Mismatch | None:
    found = mismatch(jwt, audiences, differential, clock)
    return found if found is not None and found.kind == kind else None


def _verdict(
    found: Mismatch,
    differential: Differential,
    *more: Evidence,
    title: str = "",
    fix: tuple[str, ...] = (),
    owner: str = "",
) -> Verdict:
    real = differential.real
    said = f"{found.who} say" if found.who == YOU else f"{found.who} names"
    wants = (Evidence("audiences", f"{said} `{found.wanted}`"),) if found.who else ()
    answer = f"yours {real.met(whole=True)}" if real else "no answer"
    evidence = (Evidence("jwt", f"the token's audience is {found.shown}"), *wants, *more)
    say = proven if found.sure else likely
    return say(
        *evidence, Evidence("differential", answer), title=title or _title(found), fix=fix, owner=owner
    )


def _title(found: Mismatch) -> str:
    wants = f"This server wants `{found.wanted}`." if found.wanted else "This server wants another one."
    return f"Your token's audience is {found.shown}. {wants}"


def _to_admin(audiences: Audiences, found: Mismatch) -> tuple[str, ...]:
    """The text for the identity provider's admin, with where to click."""
    whose = f"{audiences.title}'s admin" if audiences.title else "the identity provider's admin"
    wanted = f"`{found.wanted}`" if found.wanted else "the server's own identifier"
    asks = f"Access tokens for this server must have {wanted} in `aud`; now it is {found.shown}."
    where = f" Where: {' '.join(audiences.clicks)}" if audiences.clicks and found.wanted else ""
    return (f'To {whose}: "{asks}{where}"',)


@cause(
    id=KEYCLOAK,
    layer="audience",
    owner="idp-admin",
    title="The token's audience is Keycloak's own, not the server's.",
    explanation="Keycloak puts a server into a token's audience only where an audience mapper says so. Without one it"
    " is `account`, Keycloak's own account page, or nothing at all, and `resource` (RFC 8707) does not change that.",
    fix=(
        "To Keycloak's admin: \"Please add an audience mapper: Client scopes, Create client scope (Type: Default),"
        " Mappers, Configure a new mapper, Audience, Included Custom Audience: the server's identifier, Add to access"
        ' token: On; then the client, Client scopes, Add client scope, Default."',
        _AGAIN,
    ),
    sources=(
        "https://www.keycloak.org/docs/latest/server_admin/#audience-support",
        "https://www.keycloak.org/securing-apps/mcp-authz-server",
        "https://github.com/keycloak/keycloak/issues/35262",
        "https://github.com/agentic-community/mcp-gateway-registry/issues/1117",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/1931",
        "https://github.com/dotnet/aspnetcore/issues/21735",
        "https://github.com/openremote/openremote/issues/2642",
    ),
    explains=_EXPLAINS,
)
def keycloak(
    jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Verdict | None:
    """`account` and its like alone, or nothing, in a token of a realm."""
    found = _found(KEYCLOAK, jwt, audiences, differential, clock)
    if found is None:
        return None
    client = str(jwt.claims.get("azp") or "")
    made = (
        (Evidence("jwt", f"it was made for the client `{client[:80]}` (azp): the login is right"),)
        if client
        else ()
    )
    return _verdict(
        found,
        differential,
        *made,
        title=f"{_title(found)} Your Keycloak admin must add an audience mapper.",
        fix=(*_to_admin(audiences, found), _AGAIN) if found.wanted else (),
    )


@cause(
    id=COGNITO,
    layer="audience",
    owner="server-admin",
    title="Cognito's access tokens have no audience, and this server wants one.",
    explanation="Amazon Cognito writes the client into `client_id` of an access token, and leaves `aud` out; only its"
    " ID tokens have one. A server that compares `aud` refuses every access token of a user pool.",
    fix=(
        "To the server's admin: \"Access tokens of Cognito have no `aud`. Please compare `client_id` instead (FastMCP:"
        " audience=None and check client_id; AgentCore: allowedClients in place of allowedAudience; API Gateway's JWT"
        ' authorizer does so by itself)."',
        "Or to Cognito's admin: \"Let the login page's client send `resource` with the server's address (resource"
        ' binding), so that the access token has it in `aud`."',
    ),
    sources=(
        "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html",
        "https://github.com/PrefectHQ/fastmcp/issues/3739",
        "https://github.com/apollographql/apollo-mcp-server/issues/640",
        "https://github.com/DuendeArchive/IdentityModel/issues/555",
        "https://github.com/awslabs/aws-support-tools/issues/97",
    ),
    explains=_EXPLAINS,
)
def cognito(
    jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Verdict | None:
    """A user pool's access token without `aud`, where somebody says that one is wanted."""
    found = _found(COGNITO, jwt, audiences, differential, clock)
    if found is None:
        return None
    client = str(jwt.claims.get("client_id") or "")
    kind = f"token_use {jwt.claims.get('token_use', 'absent')}, client_id {client[:80] or 'absent'}"
    wants = f"wants `{found.wanted}`" if found.wanted else "wants one" if found.sure else "may want one"
    return _verdict(
        found,
        differential,
        Evidence("jwt", f"it is an access token of a Cognito user pool: {kind}"),
        title=f"Cognito's access token has no audience, and this server {wants}.",
    )


@cause(
    id=PREFIX,
    layer="audience",
    owner="server-admin",
    title="The token names the server's application, in Entra's other way of writing it.",
    explanation="Entra names an API in `aud` by its id in tokens of version 2, and by its Application ID URI"
    " (api://ID) in those of version 1. A server that compares with one of the two refuses the other.",
    fix=(
        'To the server\'s admin: "Accept both audiences of the application: its id, and api:// with its id."',
        "Or to Entra's admin: \"App registrations, the server's API, Manifest: api.requestedAccessTokenVersion 2 makes"
        ' the audience the bare id, null or 1 the Application ID URI."',
        _AGAIN,
    ),
    sources=(
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference",
        "https://github.com/microsoft/mcp/issues/1462",
        "https://github.com/PrefectHQ/fastmcp/issues/3835",
        "https://github.com/TheNetworg/oauth2-azure/issues/209",
        "https://github.com/wiremock/WireMock.Net/issues/1286",
    ),
    explains=_EXPLAINS,
)
def prefix(
    jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Verdict | None:
    """Both are one application but for ``api://``."""
    found = _found(PREFIX, jwt, audiences, differential, clock)
    if found is None:
        return None
    version = "2" if found.wanted and not found.wanted.startswith("api://") else "null"
    return _verdict(
        found,
        differential,
        Evidence("jwt", f"ver {jwt.claims.get('ver', 'absent')}"),
        title=f"Your token's audience is {found.shown}. This server wants the same application as `{found.wanted}`.",
        fix=(
            f'To the server\'s admin: "Accept both audiences of the application: {found.shown} and `{found.wanted}`."',
            "Or to Entra's admin: \"App registrations, the server's API, Manifest: set api.requestedAccessTokenVersion"
            f' (older: accessTokenAcceptedVersion) to {version}."',
            _AGAIN,
        ),
    )


@cause(
    id=ELSEWHERE,
    layer="audience",
    owner="you",
    title="The token is for another API, not for this server.",
    explanation="A login asks for scopes, and they decide for whom the token is. Without a scope of the server itself"
    " Entra makes a token for Microsoft Graph, Auth0 one for its own API. No other server can check such a token.",
    fix=(
        "Ask for a scope of the server's own API: Entra api://THE-API/.default; Auth0 audience=THE-API. Then log in"
        " again.",
    ),
    sources=(
        "https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens",
        "https://auth0.com/docs/secure/tokens/access-tokens/get-access-tokens",
        "https://github.com/vibber-ai/fastapi-azure-auth/issues/129",
        "https://github.com/anthropics/claude-code/issues/73460",
        "https://github.com/modelcontextprotocol/inspector/issues/566",
    ),
    explains=(*_EXPLAINS, "signature-invalid"),
)
def elsewhere(
    jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Verdict | None:
    """Every audience of the token is a resource of the provider's own."""
    found = _found(ELSEWHERE, jwt, audiences, differential, clock)
    if found is None:
        return None
    wanted = found.wanted or "the server"
    if audiences.provider == "auth0":
        ask = f"Log in again with audience={wanted}: Auth0 makes a token for its own API where none is named."
    elif wanted.startswith("api://"):
        ask = f"Log in again with the scope {wanted}/.default, or one of the API's own, and none of {found.whose}."
    else:
        ask = f"Log in again with a scope of {wanted} (Entra: api://ITS-ID/.default), and none of {found.whose}."
    return _verdict(
        found,
        differential,
        title=f"Your token is for {found.whose} (audience {found.shown}), not for this server.",
        fix=(ask, *_to_admin(audiences, found)),
    )


@cause(
    id=OTHER,
    layer="audience",
    owner="idp-admin",
    title="The token was made for another audience.",
    explanation="A token names whom it is for (`aud`). A server must refuse one that is for somebody else.",
    fix=(
        "The client must ask for the token with resource=<the server's resource> (RFC 8707).",
        "The identity provider's admin: add the resource to the audience (Keycloak: an audience mapper).",
    ),
    sources=(
        "https://github.com/sigbit/mcp-auth-proxy/issues/129",
        "https://github.com/giantswarm/mcp-oauth/issues/440",
        "https://github.com/ganhammar/hass-mcp-server/issues/54",
        "RFC 8707",
    ),
    explains=_EXPLAINS,
)
def audience(
    jwt: JwtView, audiences: Audiences, differential: Differential, clock: Clock | None
) -> Verdict | None:
    """What is wanted is not in ``aud``, with or without a slash at its end, and none of the above says why."""
    found = _found(OTHER, jwt, audiences, differential, clock)
    if found is None:
        return None
    asks = f"Log in again with a client that asks for resource={found.wanted} (RFC 8707)."
    return _verdict(
        found,
        differential,
        fix=(asks, *_to_admin(audiences, found), _AGAIN) if found.wanted else (),
    )
