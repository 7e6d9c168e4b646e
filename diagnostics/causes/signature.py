"""Layer signature: whether the issuer's published keys made the token's signature."""

from __future__ import annotations

from wizard.livetest import Evidence
from wizard.oauth.signatures import (
    INVALID,
    OTHER_KIND,
    SHARED,
    UNKNOWN_KEY,
    UNSIGNED,
    VALID,
    WRONG,
    Signature,
)

from ..facts import Clock, JwtView, ResourceMetadata
from ..facts.oauth import TokenAnswer
from ..facts.wire import Differential
from ..token import scopes_of
from ..words import moment, number
from .book import Verdict, cause, likely, proven


def _let_in(differential: Differential | None) -> bool:
    """Whether a server takes the token all the same; without a server only the token itself is judged."""
    return differential is not None and (differential.real is None or not differential.real.refused)


def _evidence(signature: Signature, differential: Differential | None) -> tuple[Evidence, ...]:
    real = differential.real if differential else None
    answered = (Evidence("differential", f"yours {real.met()}"),) if real else ()
    return (Evidence("signature", signature.seen()), *answered)


@cause(
    id="jwt-alg-none-or-unsigned",
    layer="signature",
    owner="you",
    title="The token is not signed: anybody could have written it.",
    explanation="A JWT without a signature (`alg` none, or nothing after its last dot) proves nothing, and every"
    " careful server refuses it. It was made by hand, by a test, or cut off when it was copied.",
    fix=(
        "Get a token from the issuer; copy all of it, to the end.",
        "If a server takes this one: tell its admin that it must refuse tokens without a signature.",
    ),
    sources=("RFC 8725 section 3.2", "https://github.com/tsndr/cloudflare-worker-jwt/issues/68"),
    explains=("token-not-recognised",),
)
def unsigned(signature: Signature, differential: Differential | None) -> Verdict | None:
    """By the token alone."""
    if signature.why != UNSIGNED or _let_in(differential):
        return None
    return proven(*_evidence(signature, differential))


@cause(
    id="jwt-alg-mismatch",
    layer="signature",
    owner="idp-admin",
    title="The token is signed in another way than the issuer's keys are for.",
    explanation="A token says by which algorithm it was signed (`alg`), and a server takes those alone that its issuer"
    " publishes keys for. HS256 and its like use a secret that only the issuer holds: no other server can check them.",
    fix=(
        "The identity provider's admin: let tokens for this server be signed with RS256 or ES256.",
        "Or the server's admin: allow the algorithm that the issuer uses.",
        "Then log in again: an old token keeps its signature.",
    ),
    sources=(
        "RFC 8725 section 3.1",
        "https://github.com/okta/okta-oidc-js/issues/997",
        "https://github.com/auth0/node-jsonwebtoken/issues/988",
        "https://github.com/nearform/fastify-jwt-jwks/issues/10",
    ),
    explains=("token-not-recognised",),
)
def other_algorithm(signature: Signature, differential: Differential | None) -> Verdict | None:
    """By the key that the token names; with a shared secret, where a server refused it, likely."""
    if _let_in(differential):
        return None
    if signature.why == OTHER_KIND:
        return proven(
            *_evidence(signature, differential),
            title=f"The token is signed by {signature.algorithm}; its issuer's key is {signature.key}.",
        )
    if signature.why == SHARED and signature.known and differential is not None:
        return likely(
            *_evidence(signature, differential),
            Evidence("signature", f"the issuer publishes keys for servers to check: {len(signature.known)}"),
            title=f"The token is signed by {signature.algorithm}, with a secret that no other server holds.",
        )
    return None


@cause(
    id="kid-not-in-jwks-keys-regenerated",
    layer="signature",
    owner="you",
    title="The issuer no longer publishes the key that signed this token.",
    explanation="A token names the key that signed it (`kid`). Where the issuer made new keys (a restart without kept"
    " keys, a realm that was imported anew), every token from before is worthless.",
    fix=(
        "Log in again, so that the token is signed with a key of today; clear what caches the old one.",
        "If it happens after every restart: the identity provider's admin must keep its keys (Keycloak: the realm's"
        " keys; dex: its storage).",
    ),
    sources=(
        "RFC 7517 section 4.5",
        "https://github.com/coreos/go-oidc/issues/243",
        "https://github.com/spring-ai-community/mcp-security/issues/78",
    ),
    explains=("token-not-recognised",),
)
def key_gone(signature: Signature, jwt: JwtView, differential: Differential | None) -> Verdict | None:
    """The id is not among those published."""
    if signature.why != UNKNOWN_KEY or _let_in(differential):
        return None
    issued = number(jwt.claims.get("iat"))
    made = (Evidence("jwt", f"it was issued {moment(issued)}"),) if issued is not None else ()
    return proven(
        *_evidence(signature, differential),
        *made,
        title=f"The issuer no longer publishes the key that signed this token (kid {signature.kid[:60]}).",
    )


@cause(
    id="kid-reused-with-new-key",
    layer="signature",
    owner="idp-admin",
    title="The issuer signs with another key than it publishes under the same id.",
    explanation="A new token, straight from the issuer, does not match the key that the issuer publishes under the id"
    " that the token names: the key was replaced and kept its id, or the address of the keys is cached.",
    fix=(
        "To the identity provider's admin: give each key an id of its own, and publish the one that signs.",
        "Behind a cache or a CDN: the address of the keys (jwks_uri) must not be kept longer than the keys.",
    ),
    sources=("RFC 7517 section 4.5", "https://github.com/DataZooDE/quack-oauth/issues/15"),
    explains=("token-not-recognised", "signature-invalid"),
)
def key_reused(signature: Signature, asked: TokenAnswer, differential: Differential | None) -> Verdict | None:
    """The token came from the token endpoint in this very run, so nobody else can have changed it."""
    if signature.why != WRONG or not signature.kid or not asked.given or _let_in(differential):
        return None
    return proven(
        *_evidence(signature, differential), Evidence("token-answer", f"the token is new: {asked.seen()}")
    )


@cause(
    id="signature-invalid",
    layer="signature",
    owner="you",
    title="The token's signature does not match its issuer's keys.",
    explanation="The issuer publishes a key that the token names, and that key did not make this signature: the token"
    " was changed or cut when it was copied, is not of this issuer, or the key was replaced and kept its id.",
    fix=(
        "Get the token from its issuer again, and copy all of it.",
        "If a new one fails as well: tell the identity provider's admin that its published keys do not match.",
    ),
    sources=("RFC 7515 section 5.2",),
    explains=("token-not-recognised",),
)
def wrong(signature: Signature, differential: Differential | None) -> Verdict | None:
    """A key of the right kind and id, and another signature."""
    if signature.why != WRONG or signature.state != INVALID or _let_in(differential):
        return None
    return proven(*_evidence(signature, differential))


@cause(
    id="kid-unknown-server-jwks-cache-stale",
    layer="signature",
    owner="server-admin",
    title="The token is right by its issuer's keys; the server may still know older ones.",
    explanation="Signature, issuer, audience and times of the token are as they should be, and the server refuses it as"
    " it does a false one. Often it read the issuer's keys when it started, and has not read them since.",
    fix=(
        "To the server's admin: \"Read the issuer's keys again when a token names one that is not known, and at least"
        ' every five minutes."',
        "Until then a restart of the server helps; a new login does not.",
    ),
    sources=(
        "https://github.com/mckinsey/agents-at-scale-ark/issues/2568",
        "https://github.com/smallrye/smallrye-jwt/issues/228",
        "https://github.com/oidcproxydotnet/OidcProxy.Net/issues/242",
        "https://github.com/erlef/oidcc/issues/543",
    ),
)
def keys_cached(
    signature: Signature, jwt: JwtView, differential: Differential, metadata: ResourceMetadata, clock: Clock
) -> Verdict | None:
    """Nothing is left in the token that could be wrong: issuer, audience, scopes and times are those wanted."""
    real, claims = differential.real, jwt.claims
    if signature.state != VALID or real is None or real.status != 401 or not real.same_as(differential.false):
        return None
    held, until = claims.get("aud"), number(claims.get("exp"))
    audience = [a.rstrip("/") for a in (held if isinstance(held, list) else [held]) if isinstance(a, str)]
    starts = [t for c in ("nbf", "iat") if (t := number(claims.get(c))) is not None]
    if claims.get("iss") not in metadata.authorization_servers:
        return None
    if metadata.resource.rstrip("/") not in audience or set(metadata.scopes) - set(scopes_of(claims)):
        return None
    if (until is not None and until <= clock.now) or any(t > clock.now for t in starts):
        return None
    return likely(
        *_evidence(signature, differential),
        Evidence("jwt", f"issuer and audience are those that {metadata.url} names, and it has not expired"),
    )
