"""Tokens for what somebody else vouches for: token exchange (RFC 8693) and the JWT bearer grant (RFC 7523 section 2.1).

Enterprise-managed authorization (MCP extension, SEP-990) is both in a row: `exchange_id_jag` at the company's identity
provider, then `jwt_bearer` at the server's own issuer. Workload identity (SEP-1933) is `jwt_bearer` alone. A refusal is
final: nothing here tries another grant, or sends an assertion again.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

from wizard.jwt import Peek, peek
from wizard.lengths import roughly
from wizard.livetest import Evidence

from .posting import shown
from .problems import OAuthProblem
from .token_endpoint import BEARER, NO_ACCESS_TOKEN, Granted, TokenRefused, ask

if TYPE_CHECKING:
    from wizard.secret import Secret
    from wizard.transport import Transport

    from .client_auth import OAuthClient

EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # RFC 8693 section 3, as below
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105
REFRESH_TOKEN: Final = "urn:ietf:params:oauth:token-type:refresh_token"  # noqa: S105
JWT: Final = "urn:ietf:params:oauth:token-type:jwt"
SAML2: Final = "urn:ietf:params:oauth:token-type:saml2"
ID_JAG: Final = "urn:ietf:params:oauth:token-type:id-jag"
"""draft-ietf-oauth-identity-assertion-authz-grant"""

_ID_JAG_TYPE: Final = "oauth-id-jag+jwt"
_PROBE: Final = "assertion"
_SHOWN: Final = ("iss", "aud")


async def exchange(
    endpoint: str,
    client: OAuthClient,
    subject: Secret,
    transport: Transport,
    *,
    subject_type: str = ACCESS_TOKEN,
    requested_type: str = "",
    audience: str = "",
    resource: str = "",
    scope: str = "",
    actor: Secret | None = None,
    actor_type: str = ACCESS_TOKEN,
) -> Granted:
    """Exchange a token at the endpoint of the issuer that knows it. What was issued is ``access_token``, its kind
    ``issued``; with ``token_type`` `NO_ACCESS_TOKEN` it is none to call a server with. ``actor`` is who acts for the
    subject (section 2.1).

    Raises: OAuthProblem ``subject-token-expired``, ``subject-token-refused``. TokenRefused, TransportError, UsageError:
        as `token_endpoint.ask`.
    """
    grant: dict[str, str | Secret] = {
        "grant_type": EXCHANGE,
        "subject_token": subject,
        "subject_token_type": subject_type,
        "requested_token_type": requested_type,
        "audience": audience,
        "resource": resource,
        "scope": scope,
        "actor_token": actor or "",
        "actor_token_type": actor_type if actor else "",
    }
    kinds = (NO_ACCESS_TOKEN, BEARER) if requested_type == ID_JAG else (BEARER, NO_ACCESS_TOKEN)
    try:
        return await ask(endpoint, client, grant, transport, kinds=kinds)
    except TokenRefused as refused:
        raise _about_subject(refused, subject, transport) from None


async def exchange_id_jag(
    endpoint: str,
    client: OAuthClient,
    identity: Secret,
    transport: Transport,
    *,
    audience: str,
    resource: str,
    scope: str = "",
    subject_type: str = ID_TOKEN,
) -> Granted:
    """What the company's identity provider says of a person to another issuer. ``endpoint`` and ``client`` are those of
    the identity provider, ``identity`` an ID token or SAML 2 assertion (`SAML2`) of its own; ``audience`` is the other
    issuer, ``resource`` the MCP server. The grant is ``access_token``, and goes to `jwt_bearer`.

    Raises: as `exchange`; OAuthProblem ``id-jag-not-given``, ``assertion-wrong-audience``.
    """
    granted = await exchange(
        endpoint,
        client,
        identity,
        transport,
        subject_type=subject_type,
        requested_type=ID_JAG,
        audience=audience,
        resource=resource,
        scope=scope,
    )
    found = peek(granted.access_token.reveal())
    # Whatever else the identity provider gives is for itself, and must not reach another issuer.
    if granted.issued != ID_JAG and (granted.issued or _type(found) != _ID_JAG_TYPE):
        said = f"issued_token_type is {shown(granted.issued, transport) or 'missing'}; expected {ID_JAG}."
        raise OAuthProblem(
            "id-jag-not-given",
            "The identity provider gave something else than an assertion for the server's issuer.",
            f"{said} It was sent nowhere.",
            (
                "Ask the identity provider's admin to switch on cross-app access (ID-JAG) for this client.",
                "Check idp_token_endpoint: is it the identity provider's?",
            ),
            evidence=(Evidence(_PROBE, said),),
            owner="idp-admin",
        )
    if found is not None and audience not in _audiences(found):
        raise _wrong_audience(found, (audience,), transport, "It was sent nowhere.", owner="idp-admin")
    return granted


async def jwt_bearer(
    endpoint: str,
    client: OAuthClient,
    assertion: Secret,
    transport: Transport,
    *,
    issuer: str = "",
    resource: str = "",
    scope: str = "",
) -> Granted:
    """A token for an assertion, asked for once. ``issuer`` is the endpoint's, by which a refusal is explained.

    Raises: OAuthProblem ``assertion-expired``, ``assertion-wrong-audience``, ``assertion-refused``: the assertion is
        not taken. TokenRefused: something else is refused. TransportError, UsageError: as `token_endpoint.ask`.
    """
    grant: dict[str, str | Secret] = {
        "grant_type": JWT_BEARER,
        "assertion": assertion,
        "resource": resource,
        "scope": scope,
    }
    try:
        return await ask(endpoint, client, grant, transport)
    except TokenRefused as refused:
        if refused.error != "invalid_grant":
            raise
        raise _about_assertion(
            refused, assertion, tuple(a for a in (issuer, endpoint) if a), transport
        ) from None


_SUBJECT: Final = re.compile(r"subject[ _]token\b(?!_type)", re.IGNORECASE)
_OF_THE_REQUEST: Final = re.compile(
    r"\b(missing|required|duplicate[ds]?|unsupported|unknown type)\b", re.IGNORECASE
)


def _about_subject(
    refused: TokenRefused, subject: Secret, transport: Transport
) -> TokenRefused | OAuthProblem:
    """RFC 8693 section 2.2.2 says invalid_request of a subject token that is not taken; most say invalid_grant."""
    found = peek(subject.reveal())
    late = _late(found)
    named = bool(_SUBJECT.search(refused.description)) and not _OF_THE_REQUEST.search(refused.description)
    if refused.error != "invalid_grant" and not (refused.error == "invalid_request" and (late or named)):
        return refused
    again = "Log in at the identity provider again and give the new token."
    if found is not None and late:
        return OAuthProblem(
            "subject-token-expired",
            f"The token to be exchanged expired {roughly(late)} ago.",
            _said(refused),
            (again,),
            evidence=_evidence(refused, found, transport),
            owner="you",
        )
    return OAuthProblem(
        "subject-token-refused",
        "The issuer does not take the token that was to be exchanged.",
        _said(refused),
        (again, "Check that it is a token of this very issuer, of the kind that was named."),
        evidence=_evidence(refused, found, transport),
    )


def _about_assertion(
    refused: TokenRefused, assertion: Secret, expected: tuple[str, ...], transport: Transport
) -> OAuthProblem:
    found = peek(assertion.reveal())
    late = _late(found)
    if found is not None and late:
        return OAuthProblem(
            "assertion-expired",
            f"The assertion expired {roughly(late)} ago, and the issuer does not take it.",
            _said(refused),
            (
                "Get a new one where it comes from (the platform that runs the program renews it), and give that.",
            ),
            evidence=_evidence(refused, found, transport),
            owner="you",
        )
    if found is not None and expected and not set(expected) & set(_audiences(found)):
        return _wrong_audience(found, expected, transport, _said(refused), refused)
    return OAuthProblem(
        "assertion-refused",
        "The issuer does not take the assertion.",
        _said(refused),
        (
            "Ask the issuer's admin whether it trusts the assertion's issuer, and knows its subject.",
            "It was not sent again, and no other grant was tried.",
        ),
        evidence=_evidence(refused, found, transport),
        owner="idp-admin",
    )


def _wrong_audience(
    found: Peek,
    expected: tuple[str, ...],
    transport: Transport,
    detail: str,
    refused: TokenRefused | None = None,
    *,
    owner: str = "you",
) -> OAuthProblem:
    named = shown(" ".join(_audiences(found)), transport) or "nobody"
    return OAuthProblem(
        "assertion-wrong-audience",
        f"The assertion is for {named}, and not for {expected[0]}.",
        detail,
        (f"Get one whose audience (`aud`) is {expected[0]}.",),
        evidence=_evidence(refused, found, transport),
        owner=owner,
    )


def _evidence(refused: TokenRefused | None, found: Peek | None, transport: Transport) -> tuple[Evidence, ...]:
    facts = [f"{refused.status} {refused.error}".rstrip()] if refused else []
    if found is not None:
        facts += [f"{n} is {shown(found.claims[n], transport)}" for n in _SHOWN if n in found.claims]
        late = _late(found)
        facts += [f"exp was {roughly(late)} ago by this machine's clock"] if late else []
    elif refused:
        facts.append("it is no JWT that can be read")
    return tuple(Evidence(_PROBE, fact) for fact in facts)


def _said(refused: TokenRefused) -> str:
    said = " ".join(part for part in (refused.error, refused.description) if part)
    return f"The token endpoint said: {said}." if said else ""


def _audiences(found: Peek) -> tuple[str, ...]:
    held = found.claims.get("aud")
    return tuple(v for v in (held if isinstance(held, list) else [held]) if isinstance(v, str))


def _type(found: Peek | None) -> object:
    return found.header.get("typ") if found else None


def _late(found: Peek | None) -> float:
    """Seconds since it expired; 0 where it has not, or does not say."""
    ends = found.time("exp") if found else None
    return max(0.0, time.time() - ends) if ends is not None else 0.0
