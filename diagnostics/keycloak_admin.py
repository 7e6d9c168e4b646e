"""The MCP Gateway Registry document's checklist for groups in Keycloak, run through its Admin REST API.

https://www.keycloak.org/docs-api/latest/rest-api/index.html: ``/groups``, ``/clients``, ``/client-scopes``, ``/users``.
Only GET, and only with an access token that the person gives for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from wizard.registrars.api import Api, json_of, rows_of, table_of
from wizard.secret import Secret

from .facts.gateway import how, nearest
from .facts.permission import Check, GroupSetup

if TYPE_CHECKING:
    from wizard.transport import Transport

_MAPPER: Final = "oidc-group-membership-mapper"
_MOST: Final = 500


class Refused(Exception):
    """The admin API did not answer with what was asked for; the text says how it did."""


async def looked_at(
    base: str,
    realm: str,
    admin: Secret,
    transport: Transport,
    *,
    client: str,
    username: str,
    groups: tuple[str, ...],
) -> GroupSetup:
    """The checks, in the document's order. ``base`` is Keycloak's address; ``groups`` are those that the server wants.

    Raises: Refused, TransportError.
    """
    at = f"{base.rstrip('/')}/admin/realms/{quote(realm, safe='')}"
    api = Api(at, {"Authorization": admin.map("Bearer ")}, transport)
    known = _names(await _list(api, "/groups", max=_MOST))
    found = await _list(api, "/clients", clientId=client)
    uuid = str(found[0].get("id") or "") if found else ""
    mappers = await _mappers(api, uuid) if uuid else ()
    account = await _account(api, uuid, username)
    held = _names(await _list(api, f"/users/{quote(account, safe='')}/groups", max=_MOST)) if account else ()
    checks = [*_of_groups(groups, known, realm), *_of_mapper(client, uuid, mappers)]
    checks += _of_account(account, username, held, groups)
    return GroupSetup(realm, client, account != "", held, bool(mappers), tuple(checks))


async def _list(api: Api, path: str, **query: object) -> list[Mapping[str, Any]]:
    """The objects that are there; none where there is nothing of the kind."""
    reply = await api.ask("GET", f"{path}?{urlencode(query)}" if query else path)
    if reply.status not in (200, 404):
        raise Refused(f"{path.split('/')[1]} are answered {reply.status}")
    return list(rows_of(json_of(reply)))


def _names(found: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(str(g.get("path") or f"/{g.get('name')}") for g in found)


async def _mappers(api: Api, uuid: str) -> tuple[Mapping[str, Any], ...]:
    """The groups mappers that reach the client's access tokens: its own, and those of its default scopes."""
    own = await _list(api, f"/clients/{uuid}/protocol-mappers/models")
    for scope in await _list(api, f"/clients/{uuid}/default-client-scopes"):
        own += await _list(
            api, f"/client-scopes/{quote(str(scope.get('id')), safe='')}/protocol-mappers/models"
        )
    return tuple(
        m
        for m in own
        if m.get("protocolMapper") == _MAPPER and str(m.get("config", {}).get("access.token.claim")) == "true"
    )


async def _account(api: Api, uuid: str, username: str) -> str:
    if username:
        found = await _list(api, "/users", username=username, exact="true")
        return str(found[0].get("id") or "") if found else ""
    if not uuid:
        return ""
    served = table_of(await api.ask("GET", f"/clients/{uuid}/service-account-user"))
    return str(served.get("id") or "")


def _of_groups(wanted: tuple[str, ...], known: tuple[str, ...], realm: str) -> Iterable[Check]:
    roots = [k.strip("/") for k in known]
    for name in wanted:
        if name.strip("/") in roots:
            yield Check("group-exists", True, f"the group `{name}` is there, in the realm {realm}")
            continue
        near = nearest(name, roots)
        said = f"; `{near}` is, and differs by {how(name, near)}" if near else ""
        fix = (
            f"Groups: rename `{near}` to `{name}`."
            if near
            else f"Groups, Create group: `{name}`, without a parent."
        )
        yield Check("group-exists", False, f"no group `{name}` in the realm {realm}{said}", fix)


def _of_mapper(client: str, uuid: str, mappers: tuple[Mapping[str, Any], ...]) -> Iterable[Check]:
    if not uuid:
        yield Check(
            "client-exists",
            False,
            f"no client `{client}` in this realm",
            "Look into the realm at the top left.",
        )
        return
    yield Check("client-exists", True, f"the client `{client}` is there")
    if not mappers:
        yield Check(
            "groups-mapper",
            False,
            f"no groups mapper reaches the access tokens of `{client}`",
            "Clients, the client, Client scopes, its dedicated scope: add the mapper `Group Membership`, claim name"
            " groups, `Add to access token` on, `Full group path` off.",
        )
        return
    config = mappers[0].get("config", {})
    claim, full = str(config.get("claim.name") or ""), str(config.get("full.path")) == "true"
    yield Check("groups-mapper", True, f"a groups mapper writes the claim `{claim}` into its access tokens")
    if claim != "groups":
        yield Check(
            "claim-name",
            False,
            f"the claim is called `{claim}`, not `groups`",
            "Its mapper, Token Claim Name: groups.",
        )
    if full:
        yield Check(
            "full-path",
            False,
            "the mapper writes full paths, a slash before each group",
            "Its mapper: Full group path off.",
        )


def _of_account(
    account: str, username: str, held: tuple[str, ...], wanted: tuple[str, ...]
) -> Iterable[Check]:
    who = username or "the client's service account"
    if not account:
        yield Check(
            "account-exists",
            False,
            f"{who} is not in this realm",
            "Clients, the client: Service accounts roles on.",
        )
        return
    mine = [h.strip("/") for h in held]
    ok = bool({w.strip("/") for w in wanted} & set(mine)) if wanted else bool(mine)
    shown = ", ".join(f"`{m}`" for m in mine) or "no group"
    into = " or ".join(f"`{w}`" for w in wanted) or "the one that opens the server"
    fix = "" if ok else f"Users, {who}, Groups, Join Group: {into}."
    yield Check("membership", ok, f"{who} is in {shown}", fix)
