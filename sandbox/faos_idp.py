"""The practice identity provider of the practice FAOS: a login page, OpenID Connect and SAML 2.0 behind it.

One person has an account. It answers as OpenID Connect Core 1.0 (3.1, code flow), RFC 7636 (PKCE) and RFC 9207 (`iss`)
say, and as the SAML 2.0 profile in `faos_saml`. Its login page needs cookies, as every real one does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from wizard.secret import Secret

from . import faos_saml

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

_T = TypeVar("_T")

PATH: Final = "/idp"
_ASKED: Final = "practice_idp_login"
_SESSION: Final = "practice_idp_session"
_KEY_ID: Final = "practice-idp"
_MINUTES: Final = 600.0
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Client:
    """A service that lets people sign in here: by OpenID Connect (id, secret, redirect URI), and by SAML (its name and
    its assertion consumer service)."""

    id: str
    secret: Secret
    redirect_uri: str
    entity: str
    consumer: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A login that was asked for: what to go on with once it is known who sits there."""

    until: float
    query: Mapping[str, str]
    saml: faos_saml.Request | None = None


@dataclass(frozen=True, slots=True)
class _Code:
    until: float
    query: Mapping[str, str]


class Idp:
    """``origin`` is where it is served; ``client`` the one service that it knows."""

    def __init__(self, origin: str, client: Client) -> None:
        self.issuer = f"{origin}{PATH}"
        self.client = client
        self.username = f"practice.{secrets.token_hex(3)}"
        self.email, self.password = f"{self.username}@company.example", Secret(secrets.token_urlsafe(12))
        self._party: faos_saml.Party | None = None
        self._asked: dict[str, _Asked] = {}
        self._codes: dict[str, _Code] = {}
        self._sessions: set[str] = set()

    @property
    def party(self) -> faos_saml.Party:
        """Its name and key. The key is made when first asked for: most practice needs none."""
        if self._party is None:
            self._party = faos_saml.party(self.issuer)
        return self._party

    def routes(self) -> list[BaseRoute]:
        """Its pages, all of them open: who asks is found out here."""
        from starlette.routing import Route

        return [
            Route(f"{PATH}/.well-known/openid-configuration", self._metadata),
            Route(f"{PATH}/jwks", self._jwks),
            Route(f"{PATH}/authorize", self._authorize),
            Route(f"{PATH}/token", self._token, methods=["POST"]),
            Route(f"{PATH}/saml", self._saml),
            Route(f"{PATH}/login", self._page),
            Route(f"{PATH}/login", self._login, methods=["POST"]),
        ]

    async def _metadata(self, _: Request) -> Response:
        from starlette.responses import JSONResponse

        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def _jwks(self, _: Request) -> Response:
        from jwt.algorithms import ECAlgorithm
        from starlette.responses import JSONResponse

        key = ECAlgorithm.to_jwk(self.party.key.public_key(), as_dict=True)
        return JSONResponse({"keys": [{**key, "kid": _KEY_ID, "use": "sig", "alg": "ES256"}]})

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        if (query.get("client_id"), query.get("redirect_uri")) != (self.client.id, self.client.redirect_uri):
            return page("This service is not registered here.", 400)
        missing = not query.get("code_challenge") or query.get("code_challenge_method") != "S256"
        if query.get("response_type") != "code" or missing:
            said = {"error": "invalid_request", "state": query.get("state", ""), "iss": self.issuer}
            return _to(f"{self.client.redirect_uri}?{urlencode(said)}")
        return self._ask(request, _Asked(time.monotonic() + _MINUTES, query))

    async def _saml(self, request: Request) -> Response:
        query = dict(request.query_params)
        try:
            asked = faos_saml.read_request(query.get("SAMLRequest", ""))
        except faos_saml.NotAccepted as problem:
            return page(str(problem), 400)
        if (asked.issuer, asked.consumer) != (self.client.entity, self.client.consumer):
            return page("This service is not registered here.", 400)
        return self._ask(request, _Asked(time.monotonic() + _MINUTES, query, asked))

    def _ask(self, request: Request, asked: _Asked) -> Response:
        if request.cookies.get(_SESSION) in self._sessions:
            return self._on(asked)
        number = secrets.token_urlsafe(16)
        kept(self._asked, number, asked)
        answer = _to(f"{self.issuer}/login")
        answer.set_cookie(_ASKED, number, path=PATH, httponly=True, samesite="lax")
        return answer

    async def _page(self, request: Request) -> Response:
        if self._waiting(request) is None:
            return _lost()
        return self._form()

    def _form(self, says: str = "Sign in to your company's account.", status: int = 200) -> Response:
        """The login form. What is to be typed stands under it: this account opens nothing but the practice."""
        return page(says, status, _fields(self.username, self.password.reveal()))

    def _waiting(self, request: Request) -> _Asked | None:
        asked = self._asked.get(request.cookies.get(_ASKED, ""))
        return asked if asked and asked.until > time.monotonic() else None

    async def _login(self, request: Request) -> Response:
        asked = self._waiting(request)
        if asked is None:
            return _lost()
        form = await fields(request)
        known = hmac.compare_digest(form.get("username", "").encode(), self.username.encode())
        right = hmac.compare_digest(form.get("password", "").encode(), self.password.reveal().encode())
        if not (known and right):
            return self._form("That user name and password do not belong together.", 401)
        self._asked.pop(request.cookies[_ASKED], None)
        session = secrets.token_urlsafe(24)
        self._sessions.add(session)
        answer = self._on(asked)
        answer.set_cookie(_SESSION, session, path=PATH, httponly=True, samesite="lax")
        return answer

    def _on(self, asked: _Asked) -> Response:
        """Back to the service, with the person's name: by a code, or by an assertion that the page posts."""
        if asked.saml is not None:
            fields = {
                "SAMLResponse": faos_saml.answer(self.party, asked.saml, self.email),
                "RelayState": asked.query.get("RelayState", ""),
            }
            return _posting(self.client.consumer, fields)
        code = secrets.token_urlsafe(24)
        kept(self._codes, code, _Code(time.monotonic() + 60, asked.query))
        back = {"code": code, "state": asked.query.get("state", ""), "iss": self.issuer}
        return _to(f"{self.client.redirect_uri}?{urlencode(back)}")

    async def _token(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        form = await fields(request)
        wanted = f"{self.client.id}:{self.client.secret.reveal()}".encode()
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or not hmac.compare_digest(sent.encode(), base64.b64encode(wanted)):
            return JSONResponse(
                {"error": "invalid_client"}, 401, {"WWW-Authenticate": 'Basic realm="practice"'}
            )
        code = self._codes.pop(form.get("code", ""), None)
        if (
            form.get("grant_type") != "authorization_code"
            or code is None
            or code.until <= time.monotonic()
            or form.get("redirect_uri") != self.client.redirect_uri
            or not proves(form.get("code_verifier", ""), code.query["code_challenge"])
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(24),
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self._id_token(code.query.get("nonce", "")),
            },
            headers={"Cache-Control": "no-store"},
        )

    def _id_token(self, nonce: str) -> str:
        import jwt

        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.client.id, "sub": self.username, "email": self.email}
        times = {"iat": now, "exp": now + 300, "nonce": nonce}
        return jwt.encode({**claims, **times}, self.party.key, algorithm="ES256", headers={"kid": _KEY_ID})


def kept(book: dict[str, _T], key: str, value: _T) -> None:
    """Keep it, and of very many only the newest."""
    book[key] = value
    while len(book) > _MOST:
        del book[next(iter(book))]


def proves(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one behind an S256 challenge (RFC 7636, 4.6)."""
    return hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def fields(request: Request) -> dict[str, str]:
    """The form that was posted."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > 200_000:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def page(says: str, status: int = 200, more: str = "") -> Response:
    """A page for the browser; ``more`` is HTML."""
    from starlette.responses import HTMLResponse

    text = (
        f"<!doctype html><title>Practice login</title><h1>Practice login</h1><p>{html.escape(says)}</p>{more}"
    )
    return HTMLResponse(text, status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _fields(username: str, password: str) -> str:
    return (
        f'<form method="post" action="{PATH}/login">'
        '<label>User name <input name="username" autocomplete="username" autofocus></label> '
        '<label>Password <input name="password" type="password" autocomplete="current-password"></label> '
        "<button>Sign in</button></form>"
        f"<p>This is practice: the user name is <code>{html.escape(username)}</code>, the password"
        f" <code>{html.escape(password)}</code></p>"
    )


def _lost() -> Response:
    """What a browser without cookies sees, however often it begins anew."""
    return page("This login was not begun in this browser, or the browser sent no cookie. Begin again.", 400)


def _posting(to: str, values: Mapping[str, str]) -> Response:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in values.items()
    )
    form = f'<form method="post" action="{html.escape(to)}">{hidden}<noscript><button>Go on</button></noscript></form>'
    return page("Going back to the service.", 200, f"{form}<script>document.forms[0].submit()</script>")


def _to(url: str) -> Response:
    from starlette.responses import RedirectResponse

    return RedirectResponse(url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
