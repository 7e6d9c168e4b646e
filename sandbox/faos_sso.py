"""Single sign-on of the practice FAOS: from a domain to its identity provider, back, and to a login of FAOS itself.

FAOS's document says that an admin chooses SAML or OIDC for the company, and that the program opens a browser; how the
program and the service talk about it is not in it. Here the program comes with an address on loopback and a PKCE
challenge, as RFC 8252 advises, and redeems the code that its address gets.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from wizard.secret import Secret
from wizard.urls import is_loopback

from . import faos_saml
from .faos_idp import Client, Idp, challenge_of, fields, kept, page, proves

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

OIDC: Final = "oidc"
SAML: Final = "saml"
PATH: Final = "/sso"
_MINUTES: Final = 600.0
_CODE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Granted:
    """A login: the tokens, until when the first is good (seconds since 1970), and what it may do."""

    access_token: Secret
    refresh_token: Secret
    expires: float
    scopes: tuple[str, ...]


Grant = Callable[[str], Granted]
"""Makes a new login for an account."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A login on its way: where it ends (``back``, ``state``, ``challenge`` of the program), and what is compared."""

    until: float
    domain: str
    back: str
    state: str
    challenge: str
    nonce: str = ""
    verifier: str = ""
    saml: faos_saml.Request | None = None


@dataclass(frozen=True, slots=True)
class _Code:
    until: float
    begun: _Begun
    account: str


class SingleSignOn:
    """``grant`` makes a login for whoever the identity provider vouches for. ``domains`` are those that have single
    sign-on, each with what its admin chose: two companies, `OIDC` and `SAML`."""

    def __init__(self, origin: str, grant: Grant) -> None:
        self._origin, self._grant = origin, grant
        client = Client(
            f"faos-{secrets.token_hex(4)}",
            Secret(secrets.token_urlsafe(24)),
            f"{origin}{PATH}/oidc",
            f"{origin}{PATH}/saml",
            f"{origin}{PATH}/acs",
        )
        self.idp = Idp(origin, client)
        mark = secrets.token_hex(3)
        self.domains = {f"company-{mark}.example": OIDC, f"saml-{mark}.example": SAML}
        self._begun: dict[str, _Begun] = {}
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, tuple[str, str]] = {}

    def end(self) -> None:
        """Every login is ended by an admin: no refresh token is good any more."""
        self._refresh.clear()

    def routes(self) -> list[BaseRoute]:
        """The pages of both parties."""
        from starlette.routing import Route

        return [
            Route(f"{PATH}/start", self._start),
            Route(f"{PATH}/oidc", self._back_by_oidc),
            Route(f"{PATH}/acs", self._back_by_saml, methods=["POST"]),
            Route(f"{PATH}/token", self._token, methods=["POST"]),
            *self.idp.routes(),
        ]

    async def _start(self, request: Request) -> Response:
        query = request.query_params
        back, state = query.get("redirect_uri", ""), query.get("state", "")
        challenge = query.get("code_challenge", "")
        if not (is_loopback(back) and urlsplit(back).scheme == "http" and state and challenge):
            return page("This login was not begun by a program on this machine.", 400)
        domain = query.get("domain", "").strip().lower()
        protocol = self.domains.get(domain)
        if protocol is None:
            return _to(back, error="unknown_domain", state=state)
        number = faos_saml.number()
        begun = _Begun(time.monotonic() + _MINUTES, domain, back, state, challenge)
        client = self.idp.client
        if protocol == SAML:
            asked = faos_saml.Request(number, client.entity, client.consumer)
            kept(self._begun, number, _with(begun, saml=asked))
            to = f"{self.idp.issuer}/saml"
            return _to(to, SAMLRequest=faos_saml.request(asked, to), RelayState=number)
        nonce, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        kept(self._begun, number, _with(begun, nonce=nonce, verifier=verifier))
        return _to(
            f"{self.idp.issuer}/authorize",
            response_type="code",
            client_id=client.id,
            redirect_uri=client.redirect_uri,
            scope="openid email",
            state=number,
            nonce=nonce,
            code_challenge=challenge_of(verifier),
            code_challenge_method="S256",
        )

    async def _back_by_oidc(self, request: Request) -> Response:
        query = request.query_params
        begun = self._taken(query.get("state", ""))
        if begun is None or begun.saml is not None or query.get("iss") != self.idp.issuer:
            return page("This answer belongs to no login that was begun here.", 400)
        account = await self._vouched(query.get("code", ""), begun)
        if not account:
            return _to(begun.back, error="access_denied", state=begun.state)
        return self._on(begun, account)

    async def _back_by_saml(self, request: Request) -> Response:
        form = await fields(request)
        begun = self._taken(form.get("RelayState", ""))
        if begun is None or begun.saml is None:
            return page("This answer belongs to no login that was begun here.", 400)
        try:
            account = faos_saml.read_answer(form.get("SAMLResponse", ""), self.idp.party, begun.saml)
        except faos_saml.NotAccepted as problem:
            return page(str(problem), 400)
        return self._on(begun, account)

    def _taken(self, number: str) -> _Begun | None:
        """A login that was begun; each is taken once, so that no answer can be sent twice."""
        begun = self._begun.pop(number, None)
        return begun if begun and begun.until > time.monotonic() else None

    async def _vouched(self, code: str, begun: _Begun) -> str:
        """The person in the ID token that the code is redeemed for; empty where it is not to be believed."""
        import httpx
        import jwt

        client = self.idp.client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": begun.verifier,
        }
        async with httpx.AsyncClient(trust_env=False, timeout=10) as web:
            reply = await web.post(
                f"{self.idp.issuer}/token", data=form, auth=(client.id, client.secret.reveal())
            )
            keys = await web.get(f"{self.idp.issuer}/jwks")
        if reply.status_code != 200:
            return ""
        try:
            claims = jwt.decode(
                reply.json()["id_token"],
                jwt.PyJWK(keys.json()["keys"][0]),
                algorithms=["ES256"],
                audience=client.id,
                issuer=self.idp.issuer,
                options={"require": ["exp", "iat", "nonce", "sub"]},
            )
        except jwt.InvalidTokenError:
            return ""
        return str(claims["email"]) if claims["nonce"] == begun.nonce else ""

    def _on(self, begun: _Begun, account: str) -> Response:
        code = secrets.token_urlsafe(24)
        kept(self._codes, code, _Code(time.monotonic() + _CODE, begun, account))
        return _to(begun.back, code=code, state=begun.state)

    async def _token(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        form = await fields(request)
        if form.get("grant_type") == "refresh_token":
            found = self._refresh.pop(form.get("refresh_token", ""), None)
        else:
            code = self._codes.pop(form.get("code", ""), None)
            good = code and code.until > time.monotonic()
            proven = code and proves(form.get("code_verifier", ""), code.begun.challenge)
            found = (code.account, code.begun.domain) if code and good and proven else None
        if found is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        account, domain = found
        granted = self._grant(account)
        kept(self._refresh, granted.refresh_token.reveal(), found)
        return JSONResponse(
            {
                "access_token": granted.access_token.reveal(),
                "refresh_token": granted.refresh_token.reveal(),
                "expires_at": int(granted.expires),
                "scopes": list(granted.scopes),
                "account": account,
                "domain": domain,
                "protocol": self.domains[domain],
                "issuer": self.idp.issuer,
                "client_id": self.idp.client.id,
            },
            headers={"Cache-Control": "no-store"},
        )


def _with(begun: _Begun, **changes: object) -> _Begun:
    from dataclasses import replace

    return replace(begun, **changes)  # type: ignore[arg-type]  # the names are its own fields


def _to(url: str, **query: str) -> Response:
    from starlette.responses import RedirectResponse

    return RedirectResponse(
        f"{url}?{urlencode(query)}", 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
