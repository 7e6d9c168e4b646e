"""How FusionAuth keeps applications, and how a person logs in at one.

https://fusionauth.io/docs/apis/applications (200 with ``application``, 400 with ``fieldErrors``), .../apis/scopes (a
paid feature), .../apis/login ("Search Login Records"), .../apis/reactor (``status.licensed``); the code and the text of
an unlicensed feature as reported in https://github.com/FusionAuth/fusionauth-issues/issues/1555. The login:
https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/endpoints (authorize, token).
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from wizard.secret import Secret

from .sites import REAL, Answer, say_json
from .vendor_login import Desk, Given, Ways
from .vendors import Grant, VendorSite
from .vendors_fusionauth_issuer import TOKEN, Issuer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_UNLICENSED: Final = "You must activate FusionAuth using a valid license before using custom scopes."
_FUSIONAUTH: Final = "3c219e58-ed0e-4b18-ad48-f4f92793ae32"
Handler = Callable[["Request"], Awaitable["Response"]]


def _not_given(code: str) -> Answer:
    status = 401 if code.startswith("invalid_client") else 400
    name = "invalid_client" if status == 401 else "invalid_grant"
    return Answer(
        status, {"error": name, "error_reason": code, "error_description": "The request was refused."}
    )


def _given(login: Given, _: Mapping[str, str]) -> Answer:
    again = {"refresh_token": login.refresh} if login.refresh else {}
    body = {"access_token": login.token, "expires_in": 3600, "token_type": "Bearer", **again}
    return Answer(200, {**body, "userId": str(uuid.uuid4()), "scope": " ".join(login.scopes)})


WAYS = Ways(
    authorize="/oauth2/authorize",
    token=TOKEN,
    given=_given,
    refused=_not_given,
    public=True,
    hosts=("localhost",),
    refreshes=lambda _, scopes: "offline_access" in scopes,
)


class _Login(Desk):
    """A login at the client's application."""

    def __init__(self, site: VendorSite, issuer: Issuer) -> None:
        super().__init__(site, WAYS)
        self.issuer = issuer
        self.client_id, self.secret = issuer.clients["client"]
        site.credentials |= {"client_id": Secret(self.client_id), "client_secret": self.secret}

    def _issued(self, scopes: tuple[str, ...], refresh: bool) -> Given:
        token = self.issuer.token(scope=" ".join(scopes))
        self.site.issue(token, Grant("", scopes), "access_token")
        again = secrets.token_urlsafe(30) if refresh else ""
        if again:
            self.refreshing[again] = scopes
        return Given(token.reveal(), scopes, again)


class Instance(Issuer):
    """The whole of a FusionAuth: issuer, logins, and applications by the API. ``licensed`` is whether custom scopes are
    in its plan: the Community edition's is not."""

    def __init__(self, site: VendorSite) -> None:
        super().__init__(site)
        self.login = _Login(site, self)
        self.licensed = False
        self.applications: dict[str, dict[str, Any]] = {}
        self.logins: dict[str, int] = {}
        self._keep("FusionAuth", _FUSIONAUTH, [])
        self._keep("Practice", self.clients["client"][0], [self.login.redirect_uri])

    def pages(self) -> Mapping[tuple[str, str], Handler]:
        """The issuer's, the login's, and those of the API for applications."""
        return {
            **super().pages(),
            **self.login.pages(),
            ("POST", TOKEN): self._by_application,
            ("GET", "/api/application"): self._with_key(self._list),
            ("POST", "/api/application"): self._with_key(self._make),
            ("DELETE", "/api/application/{id}"): self._with_key(self._drop),
            ("POST", "/api/application/{id}/scope"): self._with_key(self._scope),
            ("GET", "/api/system/login-record/search"): self._with_key(self._records),
            ("GET", "/api/reactor"): self._with_key(self._reactor),
        }

    async def _by_application(self, request: Request) -> Response:
        """Logins are the client's; the other application is known, and has no code to give a token for."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if self._client(request, form) not in (None, self.login.client_id):
            return await self._token(request)
        return await self.login.pages()["POST", TOKEN](request)

    def used(self, client_id: str) -> None:
        """Somebody logs in at this application now."""
        self.logins[client_id] = int(time.time() * 1000)

    def _keep(self, name: str, id: str, redirects: list[str], data: object = None) -> dict[str, Any]:
        oauth = {"clientId": id, "authorizedRedirectURLs": redirects, "enabledGrants": ["authorization_code"]}
        made = {"id": id, "name": name, "active": True, "data": data or {}, "oauthConfiguration": oauth}
        self.applications[id] = made
        return made

    def _with_key(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            verdict = self.site.judge(request.headers)
            if verdict.kind != REAL or not verdict.credential.startswith("api_key"):
                return say_json(Answer(401, ""))
            page = self.site.vendor.pages.get(request.url.path)
            grant = self.site.grants.get(verdict.credential)
            if page is not None and (
                instead := self.site.vendor.before(self.site.vendor, page, request.headers, self.site)
            ):
                return say_json(instead) if grant else say_json(Answer(401, ""))
            return await handler(request)

        return guarded

    async def _list(self, _: Request) -> Response:
        return say_json(Answer(200, {"applications": list(self.applications.values())}))

    async def _make(self, request: Request) -> Response:
        asked = await _body(request)
        wanted = asked.get("application") or {}
        name = wanted.get("name", "")
        if not name or any(a["name"] == name for a in self.applications.values()):
            code = "[duplicate]application.name" if name else "[blank]application.name"
            says = "An application with that name already exists." if name else "You must specify the name."
            errors = {"application.name": [{"code": code, "message": says}]}
            return say_json(Answer(400, {"fieldErrors": errors, "generalErrors": []}))
        oauth = wanted.get("oauthConfiguration") or {}
        made = self._keep(
            name, str(uuid.uuid4()), oauth.get("authorizedRedirectURLs", []), wanted.get("data")
        )
        made["oauthConfiguration"] |= {k: v for k, v in oauth.items() if k != "clientId"}
        return say_json(Answer(200, {"application": made}))

    async def _drop(self, request: Request) -> Response:
        gone = self.applications.pop(str(request.path_params["id"]), None)
        return say_json(Answer(200 if gone else 404, ""))

    async def _scope(self, request: Request) -> Response:
        if not self.licensed:
            error = {"code": "[notLicensed]", "message": _UNLICENSED}
            return say_json(Answer(400, {"fieldErrors": {}, "generalErrors": [error]}))
        return say_json(Answer(200, {"scope": (await _body(request)).get("scope", {})}))

    async def _records(self, request: Request) -> Response:
        id = request.query_params.get("applicationId", "")
        found = [{"applicationId": id, "instant": self.logins[id]}] if id in self.logins else []
        return say_json(Answer(200, {"logins": found}))

    async def _reactor(self, _: Request) -> Response:
        state = "ACTIVE" if self.licensed else "DISABLED"
        status = {"licensed": self.licensed, "advancedOAuthScopesCustomScopes": state}
        return say_json(Answer(200, {"status": status}))


async def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
