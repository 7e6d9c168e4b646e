"""Clients through Keycloak's Admin REST API.

https://www.keycloak.org/docs-api/latest/rest-api/index.html (``/admin/realms/{realm}/clients``,
``/client-session-stats``, ``/events``, ``/events/config``); the roles ``view-clients``, ``manage-clients`` and
``view-events`` of ``realm-management``: https://www.keycloak.org/docs/latest/server_admin/#_admin_permissions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from wizard.errors import UsageError
from wizard.oauth.client_auth import BASIC, PUBLIC, OAuthClient
from wizard.secret import Secret

from .api import Api, json_of, no_list, rows_of, table_of, text_of, texts_of
from .model import IN_USE, MARK, UNKNOWN, UNUSED, Client, RegistrarRefused, Wanted

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.transport import Transport

PROVIDER: Final = "keycloak"
_REALMS: Final = "/realms/"
_ADMIN: Final = "admin-cli"
_PAGE: Final = 100
_PAGES: Final = 100
_EVENTS: Final = ("CODE_TO_TOKEN", "REFRESH_TOKEN", "CLIENT_LOGIN", "LOGIN")
_OWN: Final = frozenset(
    {"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}
)


async def open_(
    at: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    transport: Transport,
    allow: tuple[str, ...] = (),
) -> Keycloak:
    """Log in at the realm ``at`` (its issuer) as a service account, or at ``master`` as an admin.

    The field ``realm`` names another realm to log in at. Raises: as `model.Opens`.
    """
    base, found, realm = at.rstrip("/").rpartition(_REALMS)
    if not found or not realm or "/" in realm:
        raise UsageError(
            "wrong-usage",
            "That is no realm of a Keycloak.",
            "Its address ends with /realms/ and the realm's name.",
            ["Say it as --at https://keycloak.example.com/realms/REALM"],
        )
    admin = "username" in settings
    inside = settings.get("realm") or ("master" if admin else realm)
    token = await _token(f"{base}{_REALMS}{quote(inside, safe='')}", settings, secrets, transport, allow)
    api = Api(
        f"{base}/admin{_REALMS}{realm}", {"Authorization": Secret(f"Bearer {token.reveal()}")}, transport
    )
    return Keycloak(api, at.rstrip("/"))


async def _token(
    issuer: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    transport: Transport,
    allow: tuple[str, ...],
) -> Secret:
    from wizard.oauth import ask
    from wizard.oauth.discovery import server_metadata

    server = await server_metadata(issuer, transport, allow=allow)
    if "username" in settings:
        if "password" not in secrets:
            raise _missing("password", f"The password of {settings['username']} is missing.")
        client = OAuthClient(settings.get("client_id") or _ADMIN, secrets.get("client_secret"), PUBLIC)
        if client.secret is not None:
            client = replace(client, authentication=BASIC)
        grant: dict[str, str | Secret] = {
            "grant_type": "password",
            "username": settings["username"],
            "password": secrets["password"],
        }
    else:
        if "client_id" not in settings or "client_secret" not in secrets:
            raise _missing(
                "client_secret",
                "Say who may change clients there: a service account, or an admin.",
                "--set client_id=ID --secret client_secret=env:VAR",
                "Or an admin: --set username=NAME --secret password=env:VAR",
            )
        client = OAuthClient(settings["client_id"], secrets["client_secret"], BASIC)
        grant = {"grant_type": "client_credentials"}
    return (await ask(server.token_endpoint, client, grant, transport)).access_token


def _missing(field: str, says: str, *fix: str) -> UsageError:
    return UsageError("field-missing", says, "", [*(fix or (f"--secret {field}=env:VAR",))])


class Keycloak:
    """A realm's clients; see `model.Registrar`."""

    provider = PROVIDER

    def __init__(self, api: Api, at: str) -> None:
        self.at = at
        self._api = api

    async def clients(self) -> tuple[Client, ...]:
        """Every client of the realm. Sessions and recorded events tell whether one is used; where neither can be asked,
        nothing is claimed."""
        rows = await self._rows()
        sessions, why = await self._sessions()
        recorded = await self._recorded()
        found = [_client(row) for row in rows]
        return tuple([await self._judged(c, sessions, why, recorded) for c in found])

    async def add(self, wanted: Wanted) -> Client:
        """A public client with PKCE S256, the standard flow alone."""
        if wanted.scopes:
            raise UsageError(
                "scopes-not-registered",
                "Keycloak's clients get their scopes from client scopes of the realm, not from here.",
                "",
                ["Leave the scopes out of the file.", "Assign them: Clients, the client, Client scopes."],
            )
        body = {
            "clientId": wanted.name,
            "name": wanted.name,
            "description": MARK,
            "protocol": "openid-connect",
            "publicClient": True,
            "standardFlowEnabled": True,
            "implicitFlowEnabled": False,
            "directAccessGrantsEnabled": False,
            "serviceAccountsEnabled": False,
            "redirectUris": list(wanted.redirect_uris),
            "attributes": {"pkce.code.challenge.method": "S256"},
        }
        reply = await self._api.ask("POST", "/clients", body)
        if reply.status != 201:
            raise self._refused(reply, f"register {wanted.name}", "manage-clients")
        inner = (reply.headers.get("location") or "").rpartition("/")[2]
        return Client(inner, wanted.name, wanted.name, wanted.redirect_uris, ours=True)

    async def remove(self, client: Client) -> None:
        """Delete the client, its sessions with it."""
        reply = await self._api.ask("DELETE", f"/clients/{quote(client.id, safe='')}")
        if reply.status not in (204, 404):
            raise self._refused(reply, f"remove {client.name}", "manage-clients")

    async def _rows(self) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        for page in range(_PAGES):
            path = f"/clients?first={page * _PAGE}&max={_PAGE}"
            reply = await self._api.ask("GET", path)
            if reply.status != 200:
                raise self._refused(reply, "list clients", "view-clients")
            answer = json_of(reply)
            if not isinstance(answer, list):
                raise no_list(self._api, "/clients")
            found += rows_of(answer)
            if len(answer) < _PAGE:
                break
        return found

    async def _sessions(self) -> tuple[Mapping[str, int], str]:
        """Sessions by inner id, offline ones included; and why they cannot be asked, empty where they were."""
        reply = await self._api.ask("GET", "/client-session-stats")
        answer = json_of(reply)
        if reply.status != 200 or not isinstance(answer, list):
            return {}, f"sessions are not told ({reply.status})"
        return {text_of(r, "id"): _number(r, "active") + _number(r, "offline") for r in rows_of(answer)}, ""

    async def _recorded(self) -> int | None:
        """For how many seconds the realm keeps login events (0: without end); None where it records none, or does not
        say."""
        reply = await self._api.ask("GET", "/events/config")
        found = table_of(reply)
        types = texts_of(found, "enabledEventTypes")
        if reply.status != 200 or found.get("eventsEnabled") is not True:
            return None
        return _number(found, "eventsExpiration") if not types or set(types) & set(_EVENTS) else None

    async def _judged(
        self, client: Client, sessions: Mapping[str, int], why: str, recorded: int | None
    ) -> Client:
        if client.own:
            return replace(client, use=IN_USE, seen="Keycloak's own")
        if count := sessions.get(client.id, 0):
            return replace(client, use=IN_USE, seen=f"{count} session{'s' if count > 1 else ''} now")
        if recorded is None:
            seen = why or "no session now"
            return replace(
                client, use=UNKNOWN, seen=f"{seen}; the realm keeps no login events that would say more"
            )
        query = urlencode([("client", client.client_id), ("max", "1"), *(("type", t) for t in _EVENTS)])
        reply = await self._api.ask("GET", f"/events?{query}")
        events = rows_of(json_of(reply))
        if reply.status != 200:
            return replace(client, use=UNKNOWN, seen=f"no session now; events are not told ({reply.status})")
        if events:
            moment = _number(events[0], "time") / 1000
            return replace(client, use=IN_USE, seen="a login is recorded", last=moment)
        for_ = f"the last {recorded // 86400} days" if recorded >= 86400 else "all that is kept"
        return replace(client, use=UNUSED, seen=f"no session now, no login in {for_} of recorded events")

    def _refused(self, reply: Reply, what: str, role: str) -> RegistrarRefused:
        found = table_of(reply)
        said = self._api.shown(text_of(found, "errorMessage") or text_of(found, "error"))
        if reply.status in (401, 403):
            of_master = f"{self.at.rpartition('/')[2]}-realm"
            return RegistrarRefused(
                "registrar-not-allowed",
                f"Keycloak does not let this account {what}.",
                f"It answered {reply.status}{f': {said}' if said else ''}.",
                [
                    f"It needs the role {role} of the client realm-management (from the realm master: of {of_master}).",
                    "Clients, the account's client, Service account roles, Assign role.",
                ],
                reply.status,
            )
        if reply.status == 409:
            return RegistrarRefused(
                "client-already-there",
                "A client of this name is registered already.",
                said,
                ["Give it another name, or remove the other one first."],
                409,
            )
        if reply.status == 404:
            return RegistrarRefused(
                "registrar-not-found",
                "There is no such realm at that Keycloak.",
                f"It answered 404{f': {said}' if said else ''}.",
                ["Compare the realm's name with the admin console; capitals count."],
                404,
            )
        return RegistrarRefused(
            "registrar-refused",
            f"Keycloak did not {what}.",
            f"It answered {reply.status}{f': {said}' if said else ''}.",
            ["Correct what it names, and try again."],
            reply.status,
        )


def _client(row: Mapping[str, object]) -> Client:
    id = text_of(row, "clientId")
    return Client(
        text_of(row, "id"),
        id,
        text_of(row, "name") or id,
        texts_of(row, "redirectUris"),
        ours=text_of(row, "description") == MARK,
        own=id in _OWN or id.endswith("-realm") or row.get("bearerOnly") is True,
    )


def _number(row: Mapping[str, object], name: str) -> int:
    """A number that Keycloak writes as one, or as a text."""
    value = row.get(name)
    try:
        return int(value) if isinstance(value, str | int | float) else 0
    except ValueError:
        return 0
