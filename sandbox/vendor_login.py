"""A vendor's login as its pages document it: consent at once, a code, and the token endpoint in the vendor's own way.

The ways of each vendor stand with its other answers (`sandbox.vendors_github` and its like), as data: `Ways`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from wizard.secret import Secret

from .sites import Answer
from .vendors import Grant, Handlers, VendorSite, made

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Given:
    """What a login came to: the scopes, the access token, and a refresh token where the vendor gives one."""

    token: str
    scopes: tuple[str, ...]
    refresh: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """How one vendor does it.

    ``authorize`` and ``token`` are paths. ``begins`` is how its tokens begin, ``like`` the
    credential that they are like, ``pair`` puts one into the form in which
    the API is given it. ``wants`` are authorization parameters without which it refuses. ``scope`` names the parameter
    of the scopes, ``comma`` whether commas part them. ``basic``: id and secret come in the Authorization header, else
    in the body; ``json``: the body is JSON. ``public``: with PKCE no secret is wanted. ``hosts`` are the loopback names
    that may be registered, ``any_port`` whether their port is not compared. ``given`` makes the answer, ``refused`` a
    refusal of an error code; ``refreshes`` says whether these parameters and scopes bring a refresh token. ``page`` is
    the status of the page that refuses a client or a redirect URI."""

    authorize: str
    token: str
    given: Callable[[Given, Mapping[str, str]], Answer]
    refused: Callable[[str], Answer]
    begins: str = ""
    like: str = "token"
    length: int = 36
    pair: Callable[[str], str] = str
    wants: Mapping[str, str] = field(default_factory=dict)
    scope: str = "scope"
    comma: bool = False
    basic: bool = False
    json: bool = False
    public: bool = False
    hosts: tuple[str, ...] = LOOPBACK
    any_port: bool = False
    refreshes: Callable[[Mapping[str, str], tuple[str, ...]], bool] = lambda _, __: False
    page: int = 400
    more: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


class Desk:
    """Where a person logs in at the practice vendor: one registered client, and whoever comes consents."""

    def __init__(self, site: VendorSite, ways: Ways) -> None:
        self.site = site
        self.ways = ways
        host = ways.hosts[0]
        self.redirect_uri = f"http://{host}:3334/callback"
        self.client_id = secrets.token_hex(10)
        self.secret = Secret(secrets.token_urlsafe(30))
        self.codes: dict[str, dict[str, str]] = {}
        self.refreshing: dict[str, tuple[str, ...]] = {}
        self.asked: list[dict[str, str]] = []
        site.credentials |= {"client_id": Secret(self.client_id), "client_secret": self.secret}

    def pages(self) -> Handlers:
        """Its handlers by method and path."""
        served: Handlers = {
            ("GET", self.ways.authorize): self._authorize,
            ("POST", self.ways.token): self._token,
            **{("GET", path): self._published(path) for path in self.ways.more},
        }
        return served

    def _published(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        async def published(_: Request) -> Response:
            text = json.dumps(self.ways.more[path]).replace("{origin}", self.site.origin)
            return _response(Answer(200, json.loads(text)))

        return published

    async def _authorize(self, request: Request) -> Response:
        from starlette.responses import PlainTextResponse, RedirectResponse

        asked = dict(request.query_params)
        self.asked.append(asked)
        uri = asked.get("redirect_uri", "")
        if asked.get("client_id") != self.client_id:
            return PlainTextResponse("The client_id is not known.", self.ways.page)
        if not self._registered(uri):
            return PlainTextResponse(
                "The redirect_uri is not associated with this application.", self.ways.page
            )
        lacks = next((n for n, v in self.ways.wants.items() if asked.get(n) != v), "")
        if lacks or asked.get("response_type") != "code":
            error = {
                "error": "invalid_request",
                "error_description": f"{lacks or 'response_type'} is missing",
            }
            answer = error | {"state": asked.get("state", "")}
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = asked
            answer = {"code": code, "state": asked.get("state", "")}
        return RedirectResponse(f"{uri}?{urlencode(answer)}", 302)

    def _registered(self, uri: str) -> bool:
        if uri == self.redirect_uri:
            return True
        given, mine = urlsplit(uri), urlsplit(self.redirect_uri)
        same = (given.scheme, given.hostname, given.path) == (mine.scheme, mine.hostname, mine.path)
        return self.ways.any_port and same

    async def _token(self, request: Request) -> Response:
        body = await request.body()
        as_json = "json" in request.headers.get("content-type", "")
        if as_json is not self.ways.json:
            return _response(self.ways.refused("invalid_request"))
        form = _form(body, as_json=as_json)
        if form is None:
            return _response(self.ways.refused("invalid_request"))
        if (refusal := self._client(request, form)) is not None:
            return _response(refusal)
        granted = self._granted(form)
        if isinstance(granted, Answer):
            return _response(granted)
        return _response(self.ways.given(granted, dict(request.headers)), request.headers.get("accept", ""))

    def _client(self, request: Request, form: Mapping[str, str]) -> Answer | None:
        id, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, held = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(held, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                pair = ""
            id, secret = (unquote_plus(p) for p in (pair.partition(":")[0], pair.partition(":")[2]))
        elif self.ways.basic and not (self.ways.public and not secret):
            return self.ways.refused("invalid_client")
        if id != self.client_id:
            return self.ways.refused("invalid_client")
        known = hmac.compare_digest(secret.encode(), self.secret.reveal().encode())
        proves = bool(form.get("code_verifier")) or form.get("grant_type") == "refresh_token"
        free = self.ways.public and not secret and proves
        return None if known or free else self.ways.refused("invalid_client_secret")

    def _granted(self, form: Mapping[str, str]) -> Given | Answer:
        if form.get("grant_type") == "refresh_token":
            scopes = self.refreshing.pop(form.get("refresh_token", ""), None)
            return (
                self.ways.refused("invalid_refresh_token") if scopes is None else self._issued(scopes, True)
            )
        if form.get("grant_type", "authorization_code") != "authorization_code":
            return self.ways.refused("unsupported_grant_type")
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return self.ways.refused("invalid_grant")
        if form.get("redirect_uri", "") != asked["redirect_uri"]:
            return self.ways.refused("redirect_uri_mismatch")
        challenge = asked.get("code_challenge", "")
        if challenge and challenge != _s256(form.get("code_verifier", "")):
            return self.ways.refused("invalid_grant")
        text = asked.get(self.ways.scope, "")
        scopes = tuple(s.strip() for s in (text.split(",") if self.ways.comma else text.split()) if s.strip())
        return self._issued(scopes, self.ways.refreshes(asked, scopes))

    def _issued(self, scopes: tuple[str, ...], refresh: bool) -> Given:
        token = made(self.ways.begins, self.ways.length).reveal()
        self.site.issue(Secret(token), Grant(self.ways.begins, scopes), self.ways.like, self.ways.pair(token))
        again = secrets.token_urlsafe(30) if refresh else ""
        if again:
            self.refreshing[again] = scopes
        return Given(token, scopes, again)


def desk(ways: Ways) -> Callable[[VendorSite], Desk]:
    """What a vendor's table says in its ``issues``."""
    return lambda site: Desk(site, ways)


def _form(body: bytes, *, as_json: bool) -> dict[str, str] | None:
    if not as_json:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else None


def _response(answer: Answer, accept: str = "application/json") -> Response:
    """JSON; a mapping of texts as a form for who did not ask for JSON, where the vendor answers so (`FORM`)."""
    from starlette.responses import JSONResponse, PlainTextResponse

    headers = dict(answer.headers)
    if headers.pop(FORM, "") and "json" not in accept:
        return PlainTextResponse(
            urlencode(answer.body if isinstance(answer.body, Mapping) else {}),
            answer.status,
            {**headers, "content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        )
    make = PlainTextResponse if isinstance(answer.body, str) else JSONResponse
    return make(answer.body, answer.status, {**headers, "cache-control": "no-store"})


FORM: Final = "x-practice-form"
"""Marks an answer that is a form unless JSON was asked for; the header itself is not sent."""


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
