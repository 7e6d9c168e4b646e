"""A practice HTTP API like the one behind ``faos-mcp``: scoped tokens, tenants, a service account.

Tools, scopes and presets are those of FAOS's document "Authentication Setup", from the catalogue. The API itself is
this sandbox's own: the document names no endpoint.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from wizard import catalogue
from wizard.secret import Secret

from .faos_idp import PATH as IDP
from .faos_sso import OIDC, PATH, SAML, Granted, SingleSignOn
from .sites import FALSE, NONE, REAL, Answer, Site, Verdict, bearer, challenge, known

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

REALM = "faos-practice"
STAGING = "faos-staging"
_LIFETIME = timedelta(days=90)  # the document's advice for rotation
_LOGIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a credential stands for; ``expires`` is in UTC."""

    name: str
    tenant: str
    scopes: tuple[str, ...]
    expires: datetime


class FaosSite(Site):
    """The practice FAOS API; a second one, under another id, stands for another environment."""

    id = "faos"

    def __init__(self, origin: str, closing: asyncio.Event, id: str = "faos") -> None:
        super().__init__(origin, closing)
        self.id = id
        service = catalogue.load().get("faos")
        presets = {p.id: p.scopes for p in service.presets}
        every = tuple(s.id for s in service.scopes)
        self._needs = {t.name: t.scopes for t in service.tools}
        later, past = datetime.now(UTC) + _LIFETIME, datetime.now(UTC) - timedelta(hours=1)
        self._accounts = {
            "token": Account("practice-developer", "tenant-prod", every, later),
            "token_analyst": Account("practice-analyst", "tenant-prod", presets["analyst"], later),
            "token_narrow": Account("practice-reader", "tenant-prod", ("context:read",), later),
            "token_expired": Account("practice-developer", "tenant-prod", every, past),
            "token_staging": Account("practice-developer", "tenant-staging", every, later),
        }
        self._tokens = {name: _token() for name in self._accounts}
        self._id, self._secret = f"sa_{secrets.token_hex(8)}", Secret(f"secret_{secrets.token_urlsafe(24)}")
        self._machine = Account("practice-ci", "tenant-prod", presets["ci-cd"], later)
        self._every = every
        self._logins = count(1)
        self.sso = SingleSignOn(origin, self._log_in)
        by_protocol = {protocol: Secret(domain) for domain, protocol in self.sso.domains.items()}
        self.credentials |= {
            **self._tokens,
            "sso_domain": by_protocol[OIDC],
            "sso_domain_saml": by_protocol[SAML],
            "sso_username": Secret(self.sso.idp.username),
            "sso_password": self.sso.idp.password,
            "service_account_id": Secret(self._id),
            "service_account_secret": self._secret,
        }

    def is_open(self, path: str) -> bool:
        """The pages of the login ask themselves who is there."""
        return super().is_open(path) or path.startswith((f"{PATH}/", f"{IDP}/"))

    def end_logins(self) -> None:
        """Every login by SSO is ended on the server, as an admin does; the programs that keep one do not hear of it."""
        self.sso.end()
        # in one step, for another thread serves meanwhile
        self._tokens = {name: t for name, t in self._tokens.items() if not name.startswith("sso-")}

    def _log_in(self, person: str) -> Granted:
        name, until = f"sso-{next(self._logins)}", datetime.now(UTC) + _LOGIN
        self._tokens[name] = _token()
        self._accounts[name] = Account(person, "tenant-prod", self._every, until)
        return Granted(self._tokens[name], Secret(secrets.token_urlsafe(32)), until.timestamp(), self._every)

    def judge(self, headers: Mapping[str, str]) -> Verdict:
        """A token, or a service account; each belongs to one tenant."""
        verdict = self._who(headers)
        tenant = headers.get("x-faos-tenant-id", "")
        if verdict.kind == REAL and tenant and tenant != verdict.tenant:
            refusal = _refused("The access token is not valid for this tenant")
            return replace(verdict, kind=FALSE, tenant=tenant, refusal=refusal)
        return verdict

    def _who(self, headers: Mapping[str, str]) -> Verdict:
        header = headers.get("authorization")
        if header is not None:
            token = bearer(header)
            if token is None:
                return Verdict(FALSE, refusal=_refused("The Authorization header is not Bearer and a token"))
            name = known(self._tokens, token)
            if not name:
                return Verdict(FALSE, refusal=_refused("The access token is not known"))
            return _accepted(name, self._accounts[name])
        id, secret = headers.get("x-faos-service-account-id"), headers.get("x-faos-service-account-secret")
        if id is None and secret is None:
            missing = Answer(
                401,
                {"error": "missing_token", "error_description": "No credential was sent"},
                challenge(REALM),
            )
            return Verdict(NONE, refusal=missing)
        if id != self._id or not known({"secret": self._secret}, secret or ""):
            return Verdict(FALSE, refusal=_refused("The service account is not known"))
        return _accepted("service_account", self._machine)

    def false_credential(self) -> None:
        """A token of the right form that this API does not know."""
        self.credentials["token"] = _token()

    def expired_credential(self) -> None:
        """The token that was valid until an hour ago."""
        self.credentials["token"] = self._tokens["token_expired"]

    def routes(self) -> list[BaseRoute]:
        """``/health``, ``/v1/whoami`` and ``/v1/tools/{tool}``."""
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        async def health(_: Request) -> Response:
            return JSONResponse({"status": "ok"})

        async def whoami(request: Request) -> Response:
            who: Verdict = request.state.verdict
            return JSONResponse(
                {
                    "account": who.account,
                    "tenant": who.tenant,
                    "scopes": list(who.scopes),
                    "expires_at": who.expires_at or None,
                }
            )

        async def tool(request: Request) -> Response:
            name = str(request.path_params["tool"])
            needed = self._needs.get(name)
            if needed is None:
                return JSONResponse({"error": "unknown_tool"}, 404)
            who: Verdict = request.state.verdict
            if self.guarded and not set(needed) <= set(who.scopes):
                refusal = lacks_scope(REALM, needed)
                return JSONResponse(refusal.body, refusal.status, refusal.headers)
            text = f"{name} answered, in {who.tenant or 'no tenant'}. This is practice: nothing was done."
            return JSONResponse({"tool": name, "text": text})

        return [
            Route("/health", health),
            Route("/v1/whoami", whoami),
            Route("/v1/tools/{tool}", tool, methods=["POST"]),
            *self.sso.routes(),
        ]


def lacks_scope(realm: str, needed: tuple[str, ...]) -> Answer:
    """403 with the scopes that are missing, in the body and the challenge (RFC 6750, section 3.1)."""
    return Answer(
        403,
        {"error": "insufficient_scope", "required": list(needed)},
        challenge(realm, error="insufficient_scope", scope=" ".join(needed)),
    )


def _token() -> Secret:
    return Secret(f"faosx_{secrets.token_urlsafe(32)}")


def _refused(why: str) -> Answer:
    return Answer(
        401,
        {"error": "invalid_token", "error_description": why},
        challenge(REALM, error="invalid_token", error_description=why),
    )


def _accepted(name: str, account: Account) -> Verdict:
    expires = account.expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    if account.expires <= datetime.now(UTC):
        return Verdict(
            FALSE, name, account.name, account.tenant, refusal=_refused("The access token expired")
        )
    return Verdict(REAL, name, account.name, account.tenant, account.scopes, expires)
