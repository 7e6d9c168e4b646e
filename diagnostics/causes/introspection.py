"""What an issuer says of a token that it was asked about: introspection and user info, told apart from a bad token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.livetest import Evidence
from wizard.oauth.inspection import ANOTHER_NAME, ClientKnown, Introspection, UserInfoAnswer

from ..facts import JwtView
from ..facts.issuer import Standing, for_a_resource, is_for_user_info
from ..facts.oauth import realm_of
from ..token import scopes_of
from .book import Verdict, cause, likely, proven

_MISMATCH: Final = "client_id_mismatch"
_NO_JWT: Final = "unsupported_token_type"
_RFC: Final = "RFC 7662 section 2.2"
_FUSIONAUTH: Final = "https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/endpoints#introspect"


def _audience(claims: Mapping[str, object]) -> tuple[str, ...]:
    held = claims.get("aud")
    return tuple(str(a) for a in (held if isinstance(held, list) else [held]) if isinstance(a, str) and a)


def _by_client(claims: Mapping[str, object]) -> bool:
    """Whether the token is a program's own: FusionAuth says so (`gty`), others by the subject."""
    kind = claims.get("gty")
    return kind == "client_credentials" or (isinstance(kind, list) and "client_credentials" in kind)


def _mine(claims: Mapping[str, object], client: str) -> bool:
    return client in _audience(claims)


@cause(
    id="introspection-client-mismatch",
    layer="server-misconfig",
    owner="server-admin",
    title="The token is good; the client that asks about it is not the one that it is for.",
    explanation="Some issuers answer introspection only to a client that stands in the token's audience, and call every"
    " other token inactive (Keycloak), or refuse (FusionAuth): client and audience differ, and the token is not bad. A"
    " server that checks tokens so refuses all that were given to other clients.",
    fix=(
        "The server's admin: check tokens by the issuer's keys (JWKS) instead: that needs no client.",
        "Keycloak: give the client that gets the token an audience mapper for the one that asks.",
        "FusionAuth: ask as the application that the token was given to, or call /api/jwt/validate.",
    ),
    sources=(
        _RFC,
        _FUSIONAUTH,
        "https://github.com/FusionAuth/fusionauth-issues/issues/3010",
        "https://github.com/FusionAuth/fusionauth-site/pull/3411",
        "https://github.com/DuendeArchive/IdentityServer4/issues/5209",
        "Keycloak 26.7.0, seen",
    ),
    explains=("token-revoked-or-user-disabled", "introspection-client-refused"),
)
def client_mismatch(
    introspection: Introspection, jwt: JwtView, standing: Standing, known: ClientKnown | None
) -> Verdict | None:
    """The client is not in ``aud``, and the keys (and whoever else was asked) say that the token is good."""
    client, audience = introspection.client_id, _audience(jwt.claims)
    told = introspection.reason == _MISMATCH
    refused = introspection.status == 401 and introspection.error != "invalid_client"
    if not client or not (introspection.active is False or refused or told):
        return None
    if standing.bad or (known is not None and known.refused):
        return None
    if not told and (client in audience or not standing.signed):
        return None
    shown = ", ".join(f"`{a}`" for a in audience) or "absent"
    say = proven if told or standing.taken else likely
    return say(
        Evidence("introspection", introspection.seen()),
        Evidence("jwt", f"the token's audience is {shown}; `{client}` asks"),
        *standing.evidence,
        title=f"The token is good. Introspection says otherwise because `{client}` asks and the audience is {shown}.",
        fix=_for_provider(jwt.claims, client),
    )


def _for_provider(claims: Mapping[str, object], client: str) -> tuple[str, ...]:
    keys = "The server's admin: check tokens by the issuer's keys (JWKS) instead: that needs no client."
    owner = str(claims.get("azp") or claims.get("client_id") or "the client that gets the token")
    if realm_of(str(claims.get("iss") or "")):
        return keys, f"Or in Keycloak give `{owner}` an audience mapper for `{client}`, then log in again."
    if "applicationId" in claims or "gty" in claims:
        return (
            keys,
            f"Or ask as `{', '.join(_audience(claims))}`, which the token is for; or call /api/jwt/validate.",
        )
    return (
        keys,
        f"Or ask as the client that the token was given to, or have `{client}` put into its audience.",
    )


@cause(
    id="introspection-client-credentials-unsupported",
    layer="server-misconfig",
    owner="idp-admin",
    title="This issuer's introspection does not know tokens of programs (client credentials).",
    explanation="FusionAuth before 1.46 calls every token of the client credentials grant inactive, though its own keys"
    " signed it and it has not expired.",
    fix=(
        "The identity provider's admin: upgrade FusionAuth to 1.46 or newer.",
        "Or check such tokens by the issuer's keys (JWKS), or by /api/jwt/validate.",
    ),
    sources=("https://github.com/FusionAuth/fusionauth-issues/issues/1434", _FUSIONAUTH),
    explains=("token-revoked-or-user-disabled",),
)
def program_unknown(introspection: Introspection, jwt: JwtView, standing: Standing) -> Verdict | None:
    """The right client asks, the token is a program's, and the keys say that it is good."""
    if introspection.active is not False or not _by_client(jwt.claims) or not standing.signed or standing.bad:
        return None
    if not _mine(jwt.claims, introspection.client_id):
        return None
    say = proven if standing.taken else likely
    return say(
        Evidence("introspection", introspection.seen()),
        Evidence("jwt", "the token is of the client credentials grant (gty)"),
        *standing.evidence,
    )


@cause(
    id="introspection-auth-failure-masked-as-inactive",
    layer="server-misconfig",
    owner="you",
    title="The client's own secret is wrong; the issuer says `active: false` instead of saying so.",
    explanation="An issuer should refuse a client that it does not know (401 `invalid_client`). This one calls every"
    " token inactive then, so that a wrong client secret looks like a bad token.",
    fix=(
        "Correct the client id and secret with which introspection is asked; its token endpoint refuses them too.",
        "To the identity provider's admin: introspection should answer 401 `invalid_client` to a wrong secret.",
    ),
    sources=(
        "RFC 7662 section 2.3",
        "https://github.com/frappe/frappe/pull/42693",
        "https://github.com/JanssenProject/jans/issues/9093",
        "https://github.com/GluuFederation/oxAuth/issues/951",
    ),
    explains=("introspection-client-mismatch", "token-revoked-or-user-disabled"),
)
def masked(introspection: Introspection, known: ClientKnown) -> Verdict | None:
    """Inactive, and the token endpoint refuses the very same client."""
    if introspection.active is not False or not known.refused:
        return None
    return proven(Evidence("introspection", introspection.seen()), Evidence("client", known.seen()))


@cause(
    id="introspection-client-refused",
    layer="server-misconfig",
    owner="you",
    title="The issuer does not tell this client about tokens.",
    explanation="Introspection is for clients that the issuer knows. Whether the token is good was not said.",
    fix=(
        "Give client id and secret of a client that may introspect: --set client_id=ID --secret client_secret=SOURCE",
        "Compare both with what the identity provider shows; the secret is not its id.",
        "Without such a client check the token by the issuer's keys: --verify",
    ),
    sources=("RFC 7662 section 2.3", "RFC 6749 section 5.2"),
)
def refused(introspection: Introspection, standing: Standing) -> Verdict | None:
    """A refusal, whatever the token is."""
    if introspection.status not in (400, 401, 403) or introspection.error == _NO_JWT:
        return None
    who = (
        f"the client `{introspection.client_id}`"
        if introspection.client_id
        else "a question without a client"
    )
    return proven(
        Evidence("introspection", introspection.seen()),
        *standing.evidence,
        title=f"The issuer's introspection refuses {who}: it answered {introspection.status}.",
    )


@cause(
    id="introspection-takes-no-jwt",
    layer="server-misconfig",
    owner="server-admin",
    title="This issuer does not introspect tokens that are JWTs.",
    explanation="Such a token carries all that introspection could say, and is checked by the issuer's keys; only an"
    " opaque one is introspected there. Whether the token is good was not said.",
    fix=(
        "Check the token by the issuer's keys: --verify. The server's admin: by the issuer's jwks_uri.",
        "Or ask the issuer for opaque tokens (without `resource`, RFC 8707).",
    ),
    sources=(
        "RFC 7009 section 2.2.1 (unsupported_token_type)",
        "https://github.com/panva/node-oidc-provider/blob/main/docs/README.md",
        "oidc-provider 9.13.3, seen",
    ),
)
def takes_no_jwt(introspection: Introspection, standing: Standing) -> Verdict | None:
    """It says so by its error."""
    if introspection.error != _NO_JWT:
        return None
    return proven(Evidence("introspection", introspection.seen()), *standing.evidence)


@cause(
    id="introspection-or-userinfo-other-hostname",
    layer="issuer",
    owner="idp-admin",
    title="Keycloak is asked under another name than the token's issuer has.",
    explanation="Without a fixed name Keycloak calls itself as it is asked. A proxy that does not hand the name on"
    " makes it judge the token as one of another issuer: user info says `Token verification failed`, introspection"
    " `active: false`, and the token is good.",
    fix=(
        "Keycloak's admin: the proxy before it must hand on Host (or X-Forwarded-Host and -Proto) for every path.",
        "Or fix its name: KC_HOSTNAME=https://its-public-name, KC_HOSTNAME_STRICT=true.",
    ),
    sources=(
        "https://www.keycloak.org/server/hostname",
        "https://github.com/keycloak/keycloak/issues/15694",
        "https://github.com/keycloak/keycloak/issues/22312",
        "Keycloak 26.7.0, seen",
    ),
    explains=("token-revoked-or-user-disabled",),
)
def other_name(
    jwt: JwtView, standing: Standing, info: UserInfoAnswer | None, introspection: Introspection | None
) -> Verdict | None:
    """The keys are right, and of two addresses of one issuer one takes the token and the other does not."""
    iss = str(jwt.claims.get("iss") or "")
    if not realm_of(iss) or not standing.signed or standing.expired:
        return None
    told = Evidence("jwt", f"the token's issuer is {iss}")
    if info is not None and info.status == 401 and info.description == ANOTHER_NAME:
        active = introspection is not None and introspection.active is True
        also = (Evidence("introspection", introspection.seen()),) if introspection else ()
        say = proven if active else likely
        return say(Evidence("user-info", info.seen()), *also, told, *standing.evidence)
    if introspection is None or introspection.active is not False or info is None or not info.good:
        return None
    if not _mine(jwt.claims, introspection.client_id) or _by_client(jwt.claims):
        return None
    return likely(Evidence("introspection", introspection.seen()), told, *standing.evidence)


def _speaks_of_session(info: UserInfoAnswer) -> bool:
    words = f"{info.error} {info.description}".lower().replace("_", " ")
    return "session not found" in words or "session not active" in words


@cause(
    id="idp-sso-session-idle-or-ended",
    layer="session-cookie",
    owner="you",
    title="The login behind this token has ended at the identity provider.",
    explanation="The token itself is signed and has not expired, but the session in which it was given is over:"
    " somebody logged out, or it was idle for too long. Servers that check tokens by keys alone still take it.",
    fix=(
        "Log in again.",
        "For programs without a person: ask for the scope offline_access, or use client credentials.",
        "The identity provider's admin: SSO Session Idle longer than the access token's life.",
    ),
    sources=(
        "https://github.com/keycloak/keycloak/issues/30452",
        "https://github.com/oauth2-proxy/oauth2-proxy/issues/1945",
        "Keycloak 26.7.0, seen",
    ),
    explains=("token-revoked-or-user-disabled", "introspection-client-mismatch"),
)
def session_ended(info: UserInfoAnswer, standing: Standing) -> Verdict | None:
    """User info says so in its words."""
    if info.status != 401 or not _speaks_of_session(info) or standing.expired:
        return None
    return proven(Evidence("user-info", info.seen()), *standing.evidence)


@cause(
    id="token-revoked-or-user-disabled",
    layer="token-time",
    owner="you",
    title="The issuer itself no longer takes this token: it was revoked, or its account is disabled.",
    explanation="The token has not expired, and its issuer, asked by a client that may ask, says that it is not"
    " active.",
    fix=(
        "Log in again, or make a new token.",
        "If that is refused as well: the identity provider's admin has disabled the account.",
    ),
    sources=(
        _RFC,
        "https://github.com/punkpeye/mcp-remote/issues/91",
        "https://github.com/mislav/hub/issues/2294",
    ),
)
def revoked(
    standing: Standing,
    jwt: JwtView | None,
    introspection: Introspection | None,
    info: UserInfoAnswer | None,
) -> Verdict | None:
    """Inactive to a client that the token is for, or refused by user info."""
    if standing.expired or (jwt is not None and not standing.signed):
        return None
    inactive = introspection is not None and introspection.active is False
    away = info is not None and info.status == 401 and (jwt is None or is_for_user_info(jwt.claims))
    if (
        standing.signed
        and info is not None
        and (info.description == ANOTHER_NAME or _speaks_of_session(info))
    ):
        return None
    if not (inactive or away) or (info is not None and info.good):
        return None
    said = [Evidence("introspection", introspection.seen())] if introspection else []
    said += [Evidence("user-info", info.seen())] if info else []
    mine = introspection is not None and jwt is not None and _mine(jwt.claims, introspection.client_id)
    if jwt is not None and not mine and not away:
        # a client that the token is not for learns nothing of it
        return None
    say = proven if inactive and (mine or away) else likely
    return say(*said, *standing.evidence)


@cause(
    id="userinfo-token-for-another-resource",
    layer="audience",
    owner="you",
    title="The token was made for a resource, and user info is another one.",
    explanation="A token that was asked for with `resource` (RFC 8707) is for that server alone. The issuer's own user"
    " info refuses it, and the token may be as good as any.",
    fix=(
        "Keep this token for its server, and check it by the issuer's keys: --verify",
        "User info takes a token that was asked for without `resource`: this program names it at each login to a server"
        " that has metadata, as MCP wants, so that another client of this issuer has to get it.",
    ),
    sources=("RFC 8707 section 2", "RFC 9068 section 4", "oidc-provider 9.13.3, seen"),
)
def for_another(info: UserInfoAnswer, jwt: JwtView, standing: Standing) -> Verdict | None:
    """Refused, well signed, and for an address that is none of the issuer's."""
    resource = for_a_resource(jwt.claims)
    if info.status not in (401, 403) or not resource or not standing.signed or standing.expired:
        return None
    return likely(
        Evidence("user-info", info.seen()),
        Evidence("jwt", f"the token's audience is {resource}"),
        *standing.evidence,
    )


@cause(
    id="userinfo-needs-openid",
    layer="scope",
    owner="you",
    title="User info wants a token with the scope `openid`.",
    explanation="User info belongs to OpenID Connect: the token must have been asked for with the scope `openid`. For"
    " everything else the token may be as good as any.",
    fix=(
        "Log in again and ask for openid as well (openid profile email).",
        "A client credentials token: --set scope=openid",
    ),
    sources=(
        "OpenID Connect Core section 5.3.1",
        "RFC 6750 section 3.1",
        "https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/endpoints#userinfo",
    ),
)
def no_openid(info: UserInfoAnswer, jwt: JwtView | None) -> Verdict | None:
    """Refused for its scope, and the token does not have it."""
    scopes = scopes_of(jwt.claims) if jwt else ()
    told = info.error == "insufficient_scope" or info.reason == "missing_required_scope"
    if info.status not in (400, 401, 403) or not told or "openid" in scopes:
        return None
    held = (Evidence("jwt", f"its scopes are {' '.join(scopes) or 'none'}"),) if jwt else ()
    return proven(Evidence("user-info", info.seen()), *held)
