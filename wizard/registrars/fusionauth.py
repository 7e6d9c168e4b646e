"""Clients through FusionAuth's API: each is an application.

https://fusionauth.io/docs/apis/applications (``/api/application``), https://fusionauth.io/docs/apis/scopes
(``/api/application/{id}/scope``, a feature of a paid plan), https://fusionauth.io/docs/apis/login
(``/api/system/login-record/search``), https://fusionauth.io/docs/apis/authentication (the key as the whole value of
Authorization), https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/url-validation (ExactMatch).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from wizard.errors import UsageError
from wizard.secret import Secret

from .api import Api, json_of, no_list, rows_of, table_of, text_of, texts_of
from .model import IN_USE, MARK, UNKNOWN, UNUSED, Client, RegistrarRefused, Wanted

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.transport import Transport

PROVIDER: Final = "fusionauth"
_BY: Final = "registeredBy"
_OWN: Final = frozenset({"3c219e58-ed0e-4b18-ad48-f4f92793ae32"})
"""FusionAuth's own application (its admin pages) has this id everywhere."""


async def open_(
    at: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    transport: Transport,
    allow: tuple[str, ...] = (),
) -> FusionAuth:
    """The instance at ``at``, by its API key. Raises: UsageError ``field-missing``, ``no-credential-in-clear``."""
    from wizard.methods.asking import in_clear

    if why := in_clear(at, frozenset(allow)):
        raise UsageError("credential-in-clear", why)
    key = secrets.get("api_key") or secrets.get("token")
    if key is None:
        raise UsageError(
            "field-missing",
            "FusionAuth's API key is missing.",
            "",
            [
                "--secret api_key=env:VAR (made under Settings, API Keys).",
                "It needs GET, POST and DELETE of /api/application, GET of /api/system/login-record/search.",
            ],
        )
    headers: dict[str, Secret | str] = {"Authorization": key}
    if tenant := settings.get("tenant_id", ""):
        headers["X-FusionAuth-TenantId"] = tenant
    return FusionAuth(Api(at, headers, transport), at)


class FusionAuth:
    """An instance's applications; see `model.Registrar`."""

    provider = PROVIDER

    def __init__(self, api: Api, at: str) -> None:
        self.at = at
        self._api = api

    async def clients(self) -> tuple[Client, ...]:
        """Every application. Its login records tell when it was used last."""
        reply = await self._api.ask("GET", "/api/application")
        if reply.status != 200:
            raise self._refused(reply, "list applications", "GET /api/application")
        rows = table_of(reply).get("applications")
        if not isinstance(rows, list):
            raise no_list(self._api, "/api/application")
        return tuple([await self._judged(_client(row)) for row in rows_of(rows)])

    async def add(self, wanted: Wanted) -> Client:
        """An application for one client: code and refresh, PKCE required, no secret, exact redirect URLs."""
        oauth = {
            "authorizedRedirectURLs": list(wanted.redirect_uris),
            "authorizedURLValidationPolicy": "ExactMatch",
            "enabledGrants": ["authorization_code", "refresh_token"],
            "generateRefreshTokens": True,
            "proofKeyForCodeExchangePolicy": "Required",
            "clientAuthenticationPolicy": "NotRequiredWhenUsingPKCE",
        }
        body = {"application": {"name": wanted.name, "data": {_BY: MARK}, "oauthConfiguration": oauth}}
        reply = await self._api.ask("POST", "/api/application", body)
        made = table_of(reply).get("application")
        if reply.status != 200 or not isinstance(made, dict):
            raise self._refused(reply, f"register {wanted.name}", "POST /api/application")
        client = replace(_client(made), ours=True)
        try:
            for scope in wanted.scopes:
                await self._scope(client, scope)
        except RegistrarRefused:
            # a client without the scopes that it is for would be one left behind
            await self.remove(client)
            raise
        return client

    async def remove(self, client: Client) -> None:
        """Delete the application for good (without ``hardDelete`` it would only be deactivated)."""
        path = f"/api/application/{quote(client.id, safe='')}"
        reply = await self._api.ask("DELETE", f"{path}?hardDelete=true")
        if reply.status not in (200, 404):
            raise self._refused(reply, f"remove {client.name}", "DELETE /api/application")

    async def _scope(self, client: Client, scope: str) -> None:
        path = f"/api/application/{quote(client.id, safe='')}/scope"
        reply = await self._api.ask("POST", path, {"scope": {"name": scope}})
        if reply.status != 200:
            raise self._refused(reply, f"add the scope {scope}", "POST /api/application")

    async def _judged(self, client: Client) -> Client:
        if client.own:
            return replace(client, use=IN_USE, seen="FusionAuth's own")
        query = urlencode({"applicationId": client.id, "numberOfResults": 1, "startRow": 0})
        reply = await self._api.ask("GET", f"/api/system/login-record/search?{query}")
        if reply.status != 200:
            return replace(client, use=UNKNOWN, seen=f"its login records are not told ({reply.status})")
        logins = rows_of(table_of(reply).get("logins"))
        moment = logins[0].get("instant") if logins else None
        if isinstance(moment, int | float) and not isinstance(moment, bool):
            return replace(client, use=IN_USE, seen="a login is recorded", last=moment / 1000)
        return replace(client, use=UNUSED, seen="no login is recorded")

    def _refused(self, reply: Reply, what: str, endpoint: str) -> RegistrarRefused:
        errors = tuple(_errors(json_of(reply)))
        said = "; ".join(dict.fromkeys(self._api.shown(message or code) for code, message in errors))
        detail = f"It answered {reply.status}{f': {said}' if said else ''}"
        if any(code.startswith(("[notLicensed]", "[notLicensedFor]")) for code, _ in errors):
            return RegistrarRefused(
                "license-or-policy-disables-feature",
                f"FusionAuth's licence does not cover this: it did not {what}.",
                detail,
                [
                    "Custom OAuth scopes want the Essentials plan or a higher one.",
                    "Copy the licence key from https://account.fusionauth.io/account/plan/",
                    "Enter it in FusionAuth's admin pages under Reactor, and activate it.",
                ],
                reply.status,
            )
        if reply.status == 401:
            return RegistrarRefused(
                "registrar-not-allowed",
                f"FusionAuth does not let this API key {what}.",
                detail,
                [
                    f"Settings, API Keys, the key, Endpoints: tick {endpoint}.",
                    "Or the key is not this instance's.",
                ],
                401,
            )
        if any(code.startswith("[duplicate]") for code, _ in errors):
            return RegistrarRefused(
                "client-already-there",
                "An application of this name is registered already.",
                detail,
                ["Give it another name, or remove the other one first."],
                reply.status,
            )
        return RegistrarRefused(
            "registrar-refused",
            f"FusionAuth did not {what}.",
            detail,
            ["Correct what it names, and try again."],
            reply.status,
        )


def _client(row: Mapping[str, object]) -> Client:
    oauth = row.get("oauthConfiguration")
    data = row.get("data")
    oauth = oauth if isinstance(oauth, dict) else {}
    id = text_of(row, "id")
    return Client(
        id,
        text_of(oauth, "clientId") or id,
        text_of(row, "name") or id,
        texts_of(oauth, "authorizedRedirectURLs"),
        ours=isinstance(data, dict) and data.get(_BY) == MARK,
        own=id in _OWN,
    )


def _errors(found: object) -> Iterator[tuple[str, str]]:
    """Code and message of each error, of a field or general."""
    if not isinstance(found, dict):
        return
    fields = found.get("fieldErrors")
    listed = list(fields.values()) if isinstance(fields, dict) else []
    for errors in (*listed, found.get("generalErrors")):
        for error in rows_of(errors):
            yield text_of(error, "code"), text_of(error, "message")
