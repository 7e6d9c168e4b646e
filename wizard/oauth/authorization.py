"""The authorization request, and what may be made of its response. Pure: nothing is sent from here.

RFC 6749 section 4.1, RFC 7636 (PKCE, S256 alone), RFC 8707 (resource), RFC 9207 (iss); MCP-C5 to MCP-C10, MCP-D1 to D8.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from wizard.livetest import Evidence
from wizard.secret import Secret

from .model import ServerMetadata
from .problems import OAuthProblem
from .waiting import register

if TYPE_CHECKING:
    from wizard.providers import Provider

    from .answer import AuthorizationAnswer
    from .client_auth import OAuthClient

S256: Final = "S256"
_PROBE: Final = "authorization"


@dataclass(frozen=True, slots=True)
class Request:
    """One authorization request. ``issuer`` is recorded with it, to be compared with the response's (MCP-C5). ``nonce``
    is None where no ID token is asked for."""

    url: Secret
    issuer: str
    redirect_uri: str
    state: Secret
    verifier: Secret
    nonce: Secret | None
    scopes: tuple[str, ...]
    resource: str

    @property
    def shown(self) -> str:
        """The address without its parameters."""
        return urlunsplit((*urlsplit(self.url.reveal())[:3], "", ""))


class RedirectRefused(OAuthProblem):
    """The redirect URI was refused, or may have been. ``asked`` is the request that was answered so; ``named`` are
    redirect URIs of this machine that the answer names in its place."""

    asked: Request | None = None
    named: tuple[str, ...] = ()


def check_pkce(server: ServerMetadata, allow: Collection[str]) -> None:
    """MCP-D2, D3: refuse where the metadata does not offer S256. Where nothing at all is published (2025-03-26) there
    is nothing that could offer it. Raises: OAuthProblem ``pkce-not-advertised``."""
    offered = server.code_challenge_methods_supported
    if not server.url or (offered is not None and S256 in offered) or "pkce-not-advertised" in allow:
        return
    says = (
        "does not say that it knows PKCE" if offered is None else f"offers PKCE only as {', '.join(offered)}"
    )
    raise OAuthProblem(
        "pkce-not-advertised",
        f"{server.issuer} {says}; MCP has a client refuse such a login.",
        "Without PKCE, whoever catches the authorization code could use it.",
        (),
        evidence=(
            Evidence(
                "discovery",
                f"{server.url}: code_challenge_methods_supported "
                + ("absent" if offered is None else f"[{', '.join(offered)}]"),
            ),
        ),
    )


def check_endpoint(server: ServerMetadata) -> None:
    """Whether there is a login at all. Raises: OAuthProblem ``authorization-endpoint-missing``."""
    if not server.authorization_endpoint:
        raise OAuthProblem(
            "authorization-endpoint-missing",
            f"{server.issuer} names no address for a login in the browser.",
            "",
            (),
            evidence=(Evidence("discovery", f"{server.url} has no authorization_endpoint"),),
        )


def request(
    server: ServerMetadata,
    client: OAuthClient,
    redirect_uri: str,
    state: Secret,
    *,
    scopes: tuple[str, ...] = (),
    resource: str = "",
    provider: Provider | None = None,
) -> Request:
    """The address to open, with what this provider wants besides. Raises: as `check_endpoint`."""
    check_endpoint(server)
    separator = provider.scope_separator if provider else " "
    verifier = Secret(secrets.token_urlsafe(48))
    nonce = Secret(secrets.token_urlsafe(24)) if "openid" in scopes else None
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        (provider.scope_parameter if provider else "scope"): separator.join(scopes),
        "state": state.reveal(),
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": S256,
        "resource": resource,
        "nonce": nonce.reveal() if nonce else "",
        "audience": provider.audience_of(resource) if provider else "",
        **(provider.extra if provider else {}),
    }
    parts = urlsplit(server.authorization_endpoint)
    # RFC 6749 section 3.1: a query of the endpoint's own is kept
    own = [(n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if n not in asked]
    query = urlencode([*own, *((n, v) for n, v in asked.items() if v)])
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    return Request(Secret(url), server.issuer, redirect_uri, state, verifier, nonce, scopes, resource)


def challenge_of(verifier: Secret) -> str:
    """The S256 code challenge (RFC 7636 section 4.2)."""
    import base64
    import hashlib

    # authlib's function is these two calls, behind the import of its whole server side
    digest = hashlib.sha256(verifier.reveal().encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def code_of(asked: Request, server: ServerMetadata, answer: AuthorizationAnswer) -> Secret:
    """The code, once the response is known to be this issuer's (RFC 9207 section 2.4, before anything else is looked
    at: MCP-C6 to C8). Raises: OAuthProblem."""
    if answer.iss is None and server.says_iss:
        raise _mix_up(
            "The response does not name its issuer, though this authorization server always does.",
            asked.issuer,
            "absent",
        )
    if answer.iss is not None and answer.iss != asked.issuer:
        raise _mix_up(
            "The response comes from another issuer than the one that was asked.",
            asked.issuer,
            _shown(answer.iss),
        )
    if answer.error:
        raise _refused(answer, asked)
    if answer.code is None:
        raise OAuthProblem(
            "authorization-response-without-code",
            "The login came back without a code, and without a reason.",
            "",
            (),
            evidence=(Evidence(_PROBE, "neither code nor error in the response"),),
        )
    return answer.code


def check_id_token(token: Secret | None, asked: Request, client_id: str) -> None:
    """The ID token came by TLS from the token endpoint itself (OIDC Core section 3.1.3.7 nr. 6), so its claims are
    compared: nonce, issuer, audience. Raises: OAuthProblem."""
    if token is None or asked.nonce is None:
        return
    from wizard.jwt import peek

    inside = peek(token.reveal())
    if inside is None:
        return
    found = inside.claims
    audience = found.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    nonce = found.get("nonce")
    wrong = (
        "nonce"
        if not (isinstance(nonce, str) and Secret(nonce) == asked.nonce)
        else "iss"
        if found.get("iss") != asked.issuer
        else "aud"
        if client_id not in meant
        else ""
    )
    if wrong:
        raise OAuthProblem(
            "id-token-not-for-this-login",
            "The ID token that came with the login does not belong to it, and nothing of it is used.",
            f"Its {wrong} is not what was asked for.",
            (),
            evidence=(Evidence("token", f"ID token: {wrong} differs"),),
        )


def _shown(iss: str) -> str:
    """An issuer as somebody else names it: one line, none of it secret."""
    from wizard.redaction import Redactor

    return "".join(c for c in Redactor().url(iss) if c.isprintable())[:200]


def _mix_up(says: str, issuer: str, seen: str) -> OAuthProblem:
    # what such a response says of an error is not shown (MCP-C8)
    return OAuthProblem(
        "authorization-response-issuer-mismatch",
        f"{says} Its code was sent nowhere.",
        "This is how a login is led astray between two authorization servers (mix-up attack).",
        (),
        evidence=(
            Evidence(_PROBE, f"the issuer that was asked: {issuer}"),
            Evidence(_PROBE, f"iss in the response: {seen}"),
        ),
    )


NO_CONNECTION: Final = "dcr-client-without-login-connection"
# Auth0's words (https://github.com/modelcontextprotocol/inspector/issues/556), in the answer or on its error page
_NO_CONNECTION: Final = re.compile(
    r"no (?:login )?connections? (?:is |are )?enabled for (?:the|this) client", re.IGNORECASE
)
_ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "access_denied": ("login-denied", "The login was refused, or consent was not given."),
    "invalid_scope": (
        "scope-not-known-at-issuer",
        "The authorization server does not know a scope that was asked for.",
    ),
    "unauthorized_client": (
        "client-grant-not-allowed",
        "This client may not log in by authorization code at the authorization server.",
    ),
    "invalid_target": (
        "resource-not-accepted",
        "The authorization server does not know the resource that was named.",
    ),
    "temporarily_unavailable": (
        "authorization-server-error",
        "The authorization server is unavailable just now.",
    ),
    "server_error": ("authorization-server-error", "The authorization server failed by itself."),
}


def without_connection(text: str) -> bool:
    """Whether a page says that the client has no connection by which anybody could log in."""
    return bool(_NO_CONNECTION.search(text))


def _refused(answer: AuthorizationAnswer, asked: Request) -> OAuthProblem:
    known = _ERRORS.get(answer.error)
    id, says = known or ("authorization-refused", "The authorization server refused the login.")
    if not known and "redirect" in f"{answer.error} {answer.error_description}".lower():
        id, says = "redirect-uri-not-registered", "The authorization server does not know this redirect URI."
    fix: tuple[str, ...] = ()
    if _NO_CONNECTION.search(answer.error_description):
        id, says = NO_CONNECTION, "The authorization server has no way to log anybody in for this client."
    if id == "redirect-uri-not-registered":
        fix = (register(asked.redirect_uri, asked.shown),)
    if id == "client-grant-not-allowed":
        fix = (
            "The identity provider's admin: allow the client the authorization code grant (Keycloak: Clients, the"
            " client, Settings, Standard flow).",
        )
    detail = " ".join(part for part in (answer.error, answer.error_description) if part)
    seen = [f"error={detail}"]
    if id == "scope-not-known-at-issuer":
        seen.append(f"scopes asked for: {' '.join(asked.scopes) or 'none'}")
    evidence = tuple(Evidence(_PROBE, fact) for fact in seen)
    if id == "redirect-uri-not-registered":
        problem = RedirectRefused(id, says, f"It said: {detail}.", fix, evidence=evidence)
        problem.asked = asked
        return problem
    return OAuthProblem(id, says, f"It said: {detail}.", fix, evidence=evidence)
