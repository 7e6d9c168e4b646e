"""Layer token-format: a good token of a form, or of a kind, that this server does not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.livetest import Evidence

from ..audiences import is_entra
from ..facts import CredentialText, JwtView
from ..facts.oauth import Expected
from ..facts.shape import OtherForm, Sealed, TokenShape
from ..facts.wire import Answer, Differential
from ..token_words import FORM, about, wants_email, wants_id_token
from .book import Verdict, cause, likely, proven

_SHARED_KEY: Final = frozenset({"dir", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW"})
"""Ways in which sender and recipient hold one and the same key (RFC 7518 section 4.1)."""
_BOUND: Final = {"jkt": "a key of its client (DPoP)", "x5t#S256": "a certificate of its client (mutual TLS)"}
_ACCESS: Final = ("scope", "scp", "scopes", "permissions")


def _refused(differential: Differential | None) -> Answer | None:
    """The refusal of the real credential; a server that fails over it refuses it too."""
    real = differential.real if differential else None
    return real if real is not None and (real.refused or real.failed) else None


@cause(
    id="jwe-encrypted-token",
    layer="token-format",
    owner="you",
    title="The token is encrypted, and this server cannot read it.",
    explanation="A token of five parts is encrypted (JWE): only who holds the key can read it. Auth0 makes such a token"
    " where no audience was asked for, and it is for Auth0 itself. Another login with the audience named brings one"
    " that the server can check.",
    fix=(
        "Log in again and name the API that the token is for (Auth0: audience=ITS-IDENTIFIER; elsewhere resource=...).",
        "To the identity provider's admin: \"Tokens for this server come encrypted. Please register it as an API, and"
        " switch token encryption off for it (Auth0: Applications, APIs, the API, Settings, Token Encryption: off;"
        ' Default Audience for clients that name none)."',
    ),
    sources=(
        "RFC 7516 section 3",
        "https://auth0.com/docs/secure/tokens/access-tokens/json-web-encryption",
        "https://github.com/auth0/nextjs-auth0/issues/1809",
        "https://github.com/modelcontextprotocol/inspector/issues/566",
        "https://github.com/cfworker/cfworker/issues/157",
    ),
    explains=("token-not-recognised", "opaque-token-where-jwt-expected"),
)
def encrypted(sealed: Sealed, differential: Differential) -> Verdict | None:
    """By its header; likely where it was encrypted to a public key, which may be this very server's."""
    real = _refused(differential)
    if real is None:
        return None
    algorithm, maker = str(sealed.header.get("alg")), sealed.header.get("iss")
    made = (Evidence("sealed", f"its header names the issuer {maker}"),) if isinstance(maker, str) else ()
    sure = algorithm in _SHARED_KEY or about(real.told(), FORM)
    return (proven if sure else likely)(
        Evidence("sealed", sealed.seen()),
        *made,
        Evidence("differential", f"yours {real.met(whole=True)}"),
    )


@cause(
    id="opaque-token-where-jwt-expected",
    layer="token-format",
    owner="you",
    title="The token is opaque, and this server reads JWTs alone.",
    explanation="Many providers give an opaque token (a mere random text) unless the login names the API that it is"
    " for, and a JWT if it does. A server that checks JWTs by itself cannot do anything with an opaque one.",
    fix=(
        "Log in again with a client that names the server: resource=ITS-ADDRESS (RFC 8707); Auth0: audience=ITS-NAME.",
        "To the identity provider's admin: \"Please register the server as an API, so that its access tokens are JWTs"
        " (Auth0: Applications, APIs, Create API; Settings, API Authorization Settings, Default Audience. Better Auth:"
        ' validAudiences)."',
        'Or to the server\'s admin: "Please have opaque tokens introspected (RFC 7662)."',
    ),
    sources=(
        "https://github.com/IBM/mcp-context-forge/issues/2149",
        "https://github.com/ctxpipe-ai/ctxpipe/issues/115",
        "https://github.com/auth0/nextjs-auth0/issues/1809",
        "https://github.com/adcontextprotocol/adcp/issues/1500",
        "RFC 8707",
    ),
    explains=("token-not-recognised",),
)
def opaque(
    *,
    credential: CredentialText,
    differential: Differential,
    written: TokenShape,
    jwt: JwtView | None,
    sealed: Sealed | None,
    other: OtherForm | None,
) -> Verdict | None:
    """By the server's words about the form, or because it looks into a JWT and not into this."""
    real = _refused(differential)
    if real is None or jwt is not None or sealed is not None or credential.faults:
        return None
    if written.parts >= 3 or credential.scheme.lower() not in ("bearer", ""):
        return None
    shape = Evidence(
        "shape", f"the token has {written.length:,} characters, and not the three parts of a JWT"
    )
    if about(real.told(), FORM):
        return proven(shape, Evidence("differential", f"the server says: {real.quoted()}"))
    if other is not None and not other.alike:
        return proven(
            shape,
            Evidence("other-form", other.seen()),
            Evidence("differential", f"yours {real.met(whole=True)}"),
        )
    return None


@cause(
    id="access-token-where-id-token-expected",
    layer="token-format",
    owner="you",
    title="This is an access token, and this server wants the ID token of the login.",
    explanation="Some servers (an AWS load balancer, AgentCore with an ID token's audience, Google's IAP) want to know"
    " who the person is, and check the ID token of the same login: its audience is the client, and it names the email.",
    fix=(
        "Send the id_token of the same login: mcp-remote takes --use-id-token.",
        "Or to the server's admin: \"Please accept access tokens (AgentCore: allowedClients in place of"
        ' allowedAudience), or take email from the user info endpoint."',
    ),
    sources=(
        "https://github.com/punkpeye/mcp-remote/issues/219",
        "https://github.com/awslabs/aws-support-tools/issues/97",
        "https://github.com/camunda/camunda/issues/44650",
        "https://github.com/awslabs/aws-jwt-verify/issues/98",
        "https://github.com/IxorTalk/ixortalk.aws.cognito.jwt.security.filter/issues/8",
    ),
    explains=(
        "token-not-recognised",
        "audience-not-bound-to-resource",
        "audience-cognito-absent",
        "audience-keycloak-account-or-missing",
    ),
)
def access_for_id(jwt: JwtView, differential: Differential, expected: Expected | None) -> Verdict | None:
    """An access token by its own claims, and a refusal that names the ID token, or what only that one holds."""
    real, claims = _refused(differential), jwt.claims
    if real is None or (expected is not None and expected.about and not wants_id_token(real.told())):
        return None
    said = next(
        (
            f"{name} {claims[name]}"
            for name, value in (("token_use", "access"), ("typ", "Bearer"))
            if claims.get(name) == value
        ),
        "",
    )
    typed = str(jwt.header.get("typ")).lower().removeprefix("application/") == "at+jwt"
    said = said or ("its header's typ is at+jwt" if typed else "")
    said = said or next(
        (f"it has {c}, and no nonce" for c in _ACCESS if c in claims and "nonce" not in claims), ""
    )
    if not said:
        return None
    shown = Evidence("jwt", f"it is an access token: {said}")
    answered = Evidence("differential", f"the server says: {real.quoted()}")
    if wants_id_token(real.told()):
        return proven(shown, answered)
    if wants_email(real.told()) and "email" not in claims and not is_entra(claims):
        return likely(
            shown,
            Evidence("jwt", "it names no email"),
            answered,
            title="This server wants to know the person's email, which this access token does not name.",
        )
    return None


@cause(
    id="dpop-or-mtls-bound-token-sent-as-bearer",
    layer="token-format",
    owner="idp-admin",
    title="The access token is bound to a key, so that no header alone can carry it.",
    explanation="A bound token (DPoP, mutual TLS) is taken only with a proof that is made anew for each request. A"
    " client's file can hold a header, and no such proof.",
    fix=(
        "Use a client that makes the proofs itself, or authwizard's own test of the connection.",
        "Or the identity provider's admin: give this client tokens that are not bound (dpop_bound_access_tokens=false;"
        " Keycloak: Clients, the client, Advanced, Require DPoP bound tokens).",
    ),
    sources=(
        "RFC 9449 section 7",
        "RFC 8705 section 3",
        "https://github.com/inji/inji-certify/issues/963",
        "https://github.com/modelcontextprotocol/conformance/issues/369",
    ),
    explains=("token-not-recognised", "kid-unknown-server-jwks-cache-stale"),
)
def bound(jwt: JwtView, credential: CredentialText, differential: Differential) -> Verdict | None:
    """By its own claim (RFC 7800), where a server refuses it as a bearer token."""
    real = _refused(differential)
    confirmation = jwt.claims.get("cnf")
    if real is None or not isinstance(confirmation, Mapping) or credential.scheme.lower() == "dpop":
        return None
    key = next((k for k in _BOUND if k in confirmation), "")
    if not key:
        return None
    asks = any(c.scheme.lower() == "dpop" for c in real.challenges)
    wants = (Evidence("differential", "the server asks for the scheme DPoP"),) if asks else ()
    return proven(
        Evidence("jwt", f"it is bound to {_BOUND[key]} (cnf: {key})"),
        *wants,
        Evidence("differential", f"sent as a bearer token it is answered {real.quoted()}"),
        title=f"The token is bound to {_BOUND[key]}, and was sent without a proof that the sender has it.",
    )
