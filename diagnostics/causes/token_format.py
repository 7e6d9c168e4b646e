"""Layer token-format: what the credential's own text tells."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence

from ..audiences import held, listed
from ..facts import CredentialText, JwtView, ResourceMetadata
from ..facts.wire import Differential, Mended
from ..other_way import wanted
from .book import Verdict, cause, likely, proven
from .text_faults import judged

_NOT_RECOGNISED: Final = (
    "Make a new token in the environment that the address names, and set it up anew: authwizard setup SERVICE",
    "If others use the same server: ask its admin whether the token was revoked or the server restarted.",
)
_LONGEST: Final = 200
_TO_ITS_ADMIN: Final = (
    "If the token is new: ask the server's admin which audience and issuer it wants. It publishes neither, and the"
    " token's own are named above."
)


@cause(
    id="token-trailing-newline-or-crlf",
    layer="token-format",
    owner="you",
    title="The token is surrounded by a line end or a space.",
    explanation="A line end or a space came along when the token was copied or written to its file. It cannot be"
    " sent in a header, or makes it another token.",
    fix=(
        'Store the token anew without it: printf %s "$TOKEN" > FILE',
        "A file with Windows line ends: dos2unix FILE",
    ),
    sources=(
        "https://github.com/balena-io/balena-cli/issues/1800",
        "https://github.com/1Password/connect-sdk-go/issues/73",
        "https://github.com/kubernetes/kubernetes/issues/52919",
    ),
    explains=("authorization-scheme-malformed", "token-not-recognised"),
)
def trailing_newline(
    credential: CredentialText, differential: Differential | None, mended: Mended | None
) -> Verdict | None:
    """Seen in the text, proven by the value without it."""
    return judged(credential.fault("token-trailing-newline-or-crlf"), differential, mended)


@cause(
    id="token-quotes-or-invisible-characters",
    layer="token-format",
    owner="you",
    title="The token holds characters that do not belong to it.",
    explanation="Quotes, zero-width characters or a space within came along from a chat, a rendered page or a"
    " .env file. No server takes them as part of the token.",
    fix=(
        "Copy the raw value again, with the copy button, not from rendered text.",
        "Quotes belong to the shell, not into docker's --env-file nor into JSON within quotes.",
    ),
    sources=(
        "https://github.com/Huachao/vscode-restclient/issues/942",
        "https://github.com/memochou1993/gpt-ai-assistant/issues/308",
        "https://github.com/bytedance/deer-flow/issues/2855",
    ),
    explains=("authorization-scheme-malformed", "token-not-recognised"),
)
def quotes_or_invisible(
    credential: CredentialText, differential: Differential | None, mended: Mended | None
) -> Verdict | None:
    """Seen in the text, proven by the value without them."""
    fault = credential.fault("token-quotes-or-invisible-characters")
    several = len(credential.bare.reveal().strip().splitlines()) > 1
    title = "The token has several lines, where a token is one line." if several else ""
    return judged(fault, differential, mended, title=title)


@cause(
    id="id-token-used-as-access-token",
    layer="token-format",
    owner="you",
    title="This is an ID token, where an access token is wanted.",
    explanation="A login yields two tokens. The ID token tells a program who has logged in, and is for that program"
    " alone; the access token is for the server.",
    fix=(
        "Send the access_token of the same answer, not its id_token.",
        "Of Cognito the one with token_use access; of Keycloak the one with typ Bearer.",
    ),
    sources=(
        "OpenID Connect Core section 2",
        "RFC 9068 section 2",
        "https://github.com/auth0-community/ember-simple-auth-auth0/issues/175",
        "https://github.com/Azure-Samples/active-directory-b2c-dotnetcore-webapi/issues/26",
        "https://github.com/IdentityServer/IdentityServer3.AccessTokenValidation/issues/168",
        "https://github.com/manfredsteyer/angular-oauth2-oidc/issues/374",
    ),
    explains=(
        "token-not-recognised",
        "audience-not-bound-to-resource",
        "insufficient-scope",
        "groups-mapper-missing",
    ),
)
def id_token(jwt: JwtView, differential: Differential) -> Verdict | None:
    """By what only an ID token says of itself; likely where it only has its shape."""
    real, claims = differential.real, jwt.claims
    if (
        real is None
        or not real.refused
        or str(jwt.header.get("typ")).lower() in ("at+jwt", "application/at+jwt")
    ):
        return None
    answered = Evidence("differential", f"yours {real.met()}")
    marks = {"token_use": "id", "typ": "ID"}
    said = next((f"{c} {v}" for c, v in marks.items() if claims.get(c) == v), "")
    said = said or next((c for c in ("at_hash", "c_hash", "s_hash") if c in claims), "")
    if said:
        return proven(Evidence("jwt", f"it says of itself that it is an ID token: {said}"), answered)
    held = claims.get("aud")
    audience = held if isinstance(held, list) else [held]
    client = claims.get("azp") or claims.get("client_id")
    permits = any(c in claims for c in ("scope", "scp", "scopes", "permissions", "roles"))
    if permits or claims.get("typ") == "Bearer" or claims.get("token_use") == "access":
        return None
    if "nonce" in claims or (client is not None and audience == [client]):
        shape = "nonce" if "nonce" in claims else f"its audience is its own client, {client}"
        return likely(Evidence("jwt", f"it has no scope, and what an ID token has: {shape}"), answered)
    return None


@cause(
    id="token-not-recognised",
    layer="token-format",
    owner="you",
    title="The server does not know this credential.",
    explanation="It is well formed, it arrives, and the server answers as it does to one that nobody was given: it"
    " was revoked, replaced, or made somewhere else.",
    fix=_NOT_RECOGNISED,
    sources=("RFC 6750 section 3.1", "FAOS: Authentication Setup, Troubleshooting (401)"),
    fallback=True,
)
def not_recognised(
    credential: CredentialText,
    differential: Differential,
    jwt: JwtView | None,
    metadata: ResourceMetadata | None,
) -> Verdict | None:
    """The false one and the real one are answered alike."""
    real = differential.real
    if real is None or not real.refused or not real.same_as(differential.false):
        return None
    if (
        any(c.get("error") == "insufficient_scope" for c in real.challenges)
        or real.code == "insufficient_scope"
    ):
        return None
    if differential.forbids_all or wanted(credential.header, credential.scheme, differential) is not None:
        return None
    told = Evidence("differential", f"yours and a made-up one are answered alike: {real.quoted()}")
    made = () if metadata is not None else _made(jwt)
    ask = (_TO_ITS_ADMIN,) if made else ()
    if not differential.none.same_as(real):
        missing = Evidence(
            "differential", f"without any it is answered differently: {differential.none.quoted()}"
        )
        return likely(told, missing, *_doubts(credential), *made, fix=(*_NOT_RECOGNISED, *ask))
    return likely(
        told,
        Evidence("differential", "so is a request without any: nothing shows that it was looked at"),
        *_doubts(credential),
        *made,
        title="The server answers this credential as it answers none: it does not know it, or does not look there.",
        fix=(
            "See in the service's documents in which header it reads the credential; --header NAME=SOURCE sends it so.",
            "If it is this one: make a new token in the environment that the address names (authwizard setup SERVICE).",
            *ask,
        ),
    )


def _made(jwt: JwtView | None) -> tuple[Evidence, ...]:
    """For whom and by whom the token was made, where the server publishes nothing to compare that with."""
    if jwt is None:
        return ()
    issuer = str(jwt.claims.get("iss") or "absent")[:_LONGEST]
    return (Evidence("jwt", f"the token's audience is {listed(held(jwt.claims))}, its issuer {issuer}"),)


def _doubts(credential: CredentialText) -> tuple[Evidence, ...]:
    return tuple(Evidence("credential", fault.says) for fault in credential.faults)
