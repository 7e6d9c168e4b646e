"""Layer registration: what the token endpoint knows of the client, and what it lets it do."""

from __future__ import annotations

from typing import Final

from wizard.livetest import Evidence
from wizard.pasting import pasted

from ..facts import CredentialText
from ..facts.login import BasicCoding
from ..facts.oauth import TokenAnswer
from .book import Verdict, cause, likely, proven

_EXPIRED: Final = ("aadsts7000222", "secret has expired", "secret keys are expired", "expired client secret")
_SECRET: Final = (
    "aadsts7000215",
    "credential",
    "secret",
    "client authentication",
    "unauthorized client",
    "password",
)
_GRANT: Final = ("service account", "grant", "not enabled", "not allowed", "aadsts7000218")


def _asked(token: TokenAnswer) -> Evidence:
    said = f" ({token.description})" if token.description else ""
    return Evidence("token-answer", f"POST {token.endpoint} is answered {token.seen()}{said}")


def _shown(token: TokenAnswer) -> Evidence:
    way = "in the body" if token.authentication == "client_secret_post" else "in the Authorization header"
    return Evidence("token-answer", f"client id {token.client_id}, its secret {way}")


def _kind(token: TokenAnswer) -> str:
    """Which of the refusals it is: ``way``, ``expired``, ``secret``, ``grant``, or ``other``; empty for none.

    Keycloak says ``unauthorized_client`` to a wrong secret too, so there the words decide; Glewlwyd answers 403 and
    nothing else.
    """
    if token.given or token.status is None:
        return ""
    if token.other:
        return "way"
    words = f"{token.error} {token.description}".lower()
    if any(w in words for w in _EXPIRED):
        return "expired"
    if token.error == "unsupported_grant_type":
        return "grant"
    if token.error == "unauthorized_client":
        # the name of the grant is no word about credentials (Auth0: "Grant type 'client_credentials' not allowed ...")
        named = token.description.lower().replace("client_credentials", "")
        return "secret" if any(w in named for w in _SECRET) else "grant"
    bare = not token.error and token.status in (401, 403)
    if token.error == "invalid_client" or "aadsts7000215" in words or bare:
        named = token.description.lower()
        return "grant" if any(w in named for w in _GRANT) and "credential" not in named else "secret"
    return "other"


@cause(
    id="client-secret-wrong-or-id-instead-of-value",
    layer="registration",
    owner="you",
    title="The identity provider does not take this client id with this secret.",
    explanation="A client shows the token endpoint who it is by its id and secret. The secret was replaced, cut, or"
    " belongs to another client; or its id was copied instead of its value (Entra shows both side by side).",
    fix=(
        "Compare the client id with the one that the identity provider shows for this client.",
        "Make a new client secret there, copy its value (not its id) at once, and store it.",
        "Set the connection up again with it: authwizard setup SERVICE",
    ),
    sources=(
        "RFC 6749 section 5.2",
        "https://github.com/freescout-help-desk/freescout/issues/5550",
        "https://github.com/microsoftgraph/msgraph-cli/issues/383",
        "https://github.com/microsoft/Dynamics-AX-Integration/issues/95",
        "https://github.com/AzureAD/microsoft-identity-web/issues/3212",
    ),
)
def client_secret_wrong(token: TokenAnswer, credential: CredentialText | None) -> Verdict | None:
    """The endpoint's own word; a fault in the secret's text is judged first."""
    if _kind(token) != "secret":
        return None
    if token.looks_like_id:
        return proven(
            _asked(token),
            Evidence("credential", "the secret has the form of an id: 8-4-4-4-12 hexadecimal digits"),
            title="The client secret is refused, and it has the form of an id: its value is wanted.",
            fix=(
                "At the identity provider look at the client's secrets: the column `Value` is wanted, not `Secret ID`.",
                "A value is shown only once: if it is gone, make a new secret and copy its value.",
                "Set the connection up again with it: authwizard setup SERVICE",
            ),
        )
    say = likely if credential and credential.faults else proven
    return say(
        _asked(token),
        _shown(token),
        title=f"The identity provider does not take the client id `{token.client_id}` with this secret.",
    )


@cause(
    id="basic-credentials-not-form-encoded",
    layer="registration",
    owner="idp-admin",
    title="Client and token endpoint differ in how a client secret with special characters is written.",
    explanation="In the Authorization header client id and secret are form-encoded before they are joined (RFC 6749"
    " section 2.3.1), so that `+`, `%`, `:` and the like survive. Where only one side does so, secrets of letters and"
    " digits work and others are refused as wrong.",
    fix=(
        "Send the secret in the body instead: --set token_endpoint_auth_method=client_secret_post",
        "Or make a new client secret of letters and digits only.",
        "To the identity provider's admin: \"Please have the token endpoint form-decode client id and secret of the"
        ' Authorization header (RFC 6749 section 2.3.1)."',
    ),
    sources=(
        "RFC 6749 section 2.3.1",
        "https://github.com/BerriAI/litellm/issues/31635",
        "https://github.com/freescout-help-desk/freescout/issues/5550",
        "https://github.com/DuendeArchive/IdentityModel/issues/90",
        "https://github.com/SalesforceCommerceCloud/b2c-developer-tooling/pull/551",
    ),
    explains=("token-endpoint-auth-method-mismatch", "client-secret-wrong-or-id-instead-of-value"),
)
def not_decoded(token: TokenAnswer, coding: BasicCoding) -> Verdict | None:
    """Refused as the standard writes it, taken as it stands."""
    if not coding.taken or not _kind(token):
        return None
    post = "client_secret_post"
    way = f"Send the secret in the body: --set token_endpoint_auth_method={post}"
    letters = "Make a new client secret of letters and digits only, and set the connection up again with it."
    return proven(
        _asked(token),
        Evidence(
            "basic-coding", "the same client id and secret in the same header, not form-encoded, get a token"
        ),
        Evidence(
            "basic-coding", f"form encoding changes {len(coding.characters.split())} character(s) of them"
        ),
        *([Evidence("token-answer", f"the same by {post} gets a token")] if token.other == post else []),
        title="The token endpoint does not undo the form encoding of a client secret, and this one has characters that"
        " it changes.",
        fix=(
            *((way, f"Or: {letters}") if token.other == post else (letters,)),
            "To the identity provider's admin: \"Please have the token endpoint form-decode client id and secret of"
            ' the Authorization header (RFC 6749 section 2.3.1)."',
        ),
    )


@cause(
    id="token-endpoint-auth-method-mismatch",
    layer="registration",
    owner="you",
    title="The token endpoint wants the client secret in another place.",
    explanation="A client secret goes to the token endpoint in the Authorization header or in the body. A client is"
    " registered for one of them, and the other is refused as if the secret were wrong.",
    fix=("Set the connection up again with the other token_endpoint_auth_method.",),
    sources=("RFC 6749 section 2.3.1", "RFC 7591 section 2"),
)
def other_way(token: TokenAnswer) -> Verdict | None:
    """The same id and secret are taken in the other way."""
    if _kind(token) != "way":
        return None
    return proven(
        _asked(token),
        Evidence("token-answer", f"the same id and secret by {token.other} get a token"),
        title=f"The token endpoint refuses {token.authentication} and takes {token.other}.",
        fix=(
            f"Set the connection up again with: --set {pasted(f'token_endpoint_auth_method={token.other}')}",
        ),
    )


@cause(
    id="client-secret-expired",
    layer="registration",
    owner="you",
    title="The client secret has expired.",
    explanation="Some identity providers give client secrets an end. After it every token request is refused.",
    fix=(
        "Make a new client secret at the identity provider and copy its value.",
        "Set the connection up again with it: authwizard setup SERVICE",
        "Note when the new one ends.",
    ),
    sources=("https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes",),
)
def client_secret_expired(token: TokenAnswer) -> Verdict | None:
    """The endpoint says so."""
    return proven(_asked(token), _shown(token)) if _kind(token) == "expired" else None


@cause(
    id="client-grant-not-allowed",
    layer="registration",
    owner="idp-admin",
    title="The client may not get a token by its id and secret alone.",
    explanation="An identity provider allows each client certain ways to a token. The client credentials grant is"
    " often off until somebody turns it on.",
    fix=(
        "The identity provider's admin: allow the client credentials grant (Keycloak: `Service accounts roles` and"
        " `Client authentication` on).",
    ),
    sources=("RFC 6749 section 5.2",),
)
def grant_not_allowed(token: TokenAnswer) -> Verdict | None:
    """The endpoint knows the client and refuses the grant."""
    if _kind(token) != "grant":
        return None
    title = f"The client `{token.client_id}` may not get a token by its id and secret alone."
    return proven(_asked(token), _shown(token), title=title)


@cause(
    id="token-request-refused",
    layer="registration",
    owner="you",
    title="The token endpoint refuses the request.",
    explanation="The token endpoint answers, and gives no token: for a scope that it does not know or this client may"
    " not have, for a parameter, or because the address is not a token endpoint.",
    fix=("Compare scope, resource and token endpoint with what the identity provider shows.",),
    sources=("RFC 6749 section 5.2", "RFC 8707 section 2"),
)
def request_refused(token: TokenAnswer, credential: CredentialText | None) -> Verdict | None:
    """Everything that is not about the client itself, in the endpoint's own words."""
    if _kind(token) != "other":
        return None
    title = token.title
    if token.error == "invalid_scope":
        title = f"The identity provider does not give this client the scope `{token.scope}`."
    say = likely if credential and credential.faults else proven
    return say(_asked(token), title=title, fix=token.fix)


@cause(
    id="token-endpoint-unreachable",
    layer="registration",
    owner="you",
    title="The token endpoint gives no answer.",
    explanation="Before anything is asked of the service, an access token is fetched from the token endpoint. It could"
    " not be asked.",
    fix=(
        "Correct token_endpoint; the issuer's metadata names it.",
        "If the metadata names one that is not there, tell the identity provider's admin.",
    ),
    sources=("RFC 6749 section 3.2",),
)
def unreachable(token: TokenAnswer) -> Verdict | None:
    """The transport's reason."""
    if token.given or token.status is not None:
        return None
    where = token.endpoint or "no address is given"
    detail = f": {token.description}" if token.description else ""
    return proven(
        Evidence("token-answer", f"{where}: {token.title.rstrip('.')}{detail}"),
        title=f"No access token can be fetched. {token.title}",
        fix=token.fix,
    )
