"""Layer issuer: who made the token, and whose tokens the server takes."""

from __future__ import annotations

from wizard.livetest import Evidence

from ..facts import JwtView
from ..facts.oauth import TOLD, Expected, Issuers, akin, realm_of, without_host
from ..facts.wire import Differential
from ..issuer_spelling import SCHEME, apart
from .book import Verdict, cause, likely, proven


def _iss(jwt: JwtView, differential: Differential) -> str:
    """The issuer of a token that is refused; empty where none is."""
    real = differential.real
    iss = jwt.claims.get("iss")
    return iss.rstrip("/") if isinstance(iss, str) and real is not None and real.refused else ""


@cause(
    id="issuer-hostname-mismatch-keycloak",
    layer="issuer",
    owner="idp-admin",
    title="The token's issuer has another host name than the server expects.",
    explanation="Keycloak writes the host name by which it was asked into the token. A token fetched by one name is"
    " refused by a server that knows Keycloak by another, though it is the same Keycloak.",
    fix=(
        "Keycloak's admin: fix its name: KC_HOSTNAME=https://its-public-name, KC_HOSTNAME_STRICT=true,"
        " KC_HOSTNAME_BACKCHANNEL_DYNAMIC=true.",
        "Or the server's admin: set the expected issuer to the public name, and let only the keys (jwks_uri) come by"
        " the inner one.",
    ),
    sources=(
        "https://github.com/wanaku-ai/wanaku/issues/1416",
        "https://github.com/keycloak/keycloak-nodejs-connect/issues/308",
        "https://github.com/quarkusio/quarkus/issues/16294",
        "https://github.com/keycloak/keycloak/issues/24252",
        "https://github.com/panva/openid-client/issues/38",
        "https://github.com/keycloak/keycloak/issues/49967",
    ),
    explains=("token-not-recognised",),
)
def hostname_mismatch(
    jwt: JwtView, differential: Differential, expected: Expected | None, issuers: Issuers | None
) -> Verdict | None:
    """The same realm under two names; proven where the server says which one it takes."""
    iss = _iss(jwt, differential)
    if not realm_of(iss):
        return None
    named = [(who, url.rstrip("/")) for who, url in expected.issuers] if expected else []
    if any(url == iss or apart(iss, url) == SCHEME for _, url in named):
        return None
    same = [(w, u) for w, u in named if without_host(u) == without_host(iss) and akin(iss, u, issuers)]
    twin = next(iter(same), None)
    shown = Evidence("jwt", f"the token's issuer is {iss}")
    if twin is not None:
        who, url = twin
        say = likely if who == TOLD else proven
        return say(
            shown,
            Evidence("expected-issuer", f"{who} names {url}"),
            *_both(issuers, iss, url),
            title=f"Your token is from {iss}. The server takes tokens from {url}: the same realm by another name.",
            fix=(
                f"Fetch the token by the name that the server knows: {url}/protocol/openid-connect/token",
                "Keycloak's admin: fix its name: KC_HOSTNAME=https://its-public-name, KC_HOSTNAME_STRICT=true,"
                " KC_HOSTNAME_BACKCHANNEL_DYNAMIC=true.",
                f"Or the server's admin: expect the issuer {iss}; only the keys (jwks_uri) come by the inner name.",
            ),
        )
    others = [i for i in issuers.found if i.asked != iss and i.itself] if issuers else []
    other = next((i for i in others if akin(iss, i.asked, issuers)), None)
    real = differential.real
    if named or other is None or real is None or not real.same_as(differential.false):
        return None
    return likely(
        shown,
        Evidence("issuer", f"asked as {other.asked} the same Keycloak calls itself that"),
        Evidence("differential", f"yours is answered as a made-up one: {real.seen()}"),
        title=f"Your token is from {iss}; the server may know this Keycloak by another name.",
    )


def _both(issuers: Issuers | None, iss: str, url: str) -> tuple[Evidence, ...]:
    one, other = (issuers.at(iss), issuers.at(url)) if issuers else (None, None)
    if one is None or other is None:
        return ()
    says = ["by both names it publishes the same keys"] if set(one.keys) & set(other.keys) else []
    says += ["it calls itself as it is asked"] if one.itself and other.itself else []
    return (Evidence("issuer", "; ".join(says)),) if says else ()


@cause(
    id="wrong-realm",
    layer="issuer",
    owner="you",
    title="The token is from another realm than the server expects.",
    explanation="A realm of Keycloak is an issuer of its own. A token of one realm, often `master`, is worth nothing"
    " to a server that trusts another.",
    fix=(
        "Fetch the token from the realm that the server names.",
        "Correct the realm in your settings (KEYCLOAK_REALM, token_endpoint).",
    ),
    sources=(
        "MCP Gateway Registry: Keycloak groups",
        "https://www.keycloak.org/docs/latest/server_admin/#configuring-realms",
    ),
    explains=("token-not-recognised", "issuer-hostname-mismatch-keycloak"),
)
def wrong_realm(jwt: JwtView, differential: Differential, expected: Expected) -> Verdict | None:
    """The realm in ``iss`` against the one that the server's metadata, else a header or setting, names."""
    iss = _iss(jwt, differential)
    mine = realm_of(iss)
    if not mine:
        return None
    named = [(who, realm) for who, url in expected.issuers if (realm := realm_of(url))] or list(
        expected.realms
    )
    if not named or any(realm == mine for _, realm in named):
        return None
    who, theirs = named[0]
    return proven(
        Evidence("jwt", f"the token's issuer is {iss}"),
        Evidence("expected-issuer", f"{who} names the realm {theirs}"),
        title=f"Your token is from the realm `{mine}`. The server takes tokens of the realm `{theirs}`.",
        fix=(
            f"Fetch the token from the realm {theirs}: .../realms/{theirs}/protocol/openid-connect/token",
            "Correct the realm in your settings (KEYCLOAK_REALM, token_endpoint).",
        ),
    )
