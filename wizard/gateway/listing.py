"""The servers behind a gateway: asked of its registry, or read out of files that its scripts wrote.

How the registry answers: ``/v0/servers`` as the MCP registry's API (its own facts under ``_meta``), ``/api/servers``
in a shorter form (agentic-community/mcp-gateway-registry, registry/api/v0_routes.py and server_routes.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from wizard.entries import Remote, only, realise
from wizard.errors import FileProblem, JobError, UsageError
from wizard.secret import Secret

from .rules import Rules

if TYPE_CHECKING:
    from wizard.exchange import Reply
    from wizard.services import Service
    from wizard.setup import Draft
    from wizard.transport import Transport

_PAGES: Final = 100
_TIMEOUT: Final = 15.0
_AUTHORIZATION: Final = "Authorization"


@dataclass(frozen=True, slots=True)
class GatewayServer:
    """One server behind a gateway. ``name`` is what stands in its address. ``wants_auth`` says whether it asks for a
    credential of its own (None: nobody said); ``enabled`` and ``tools`` (their number) likewise."""

    name: str
    title: str = ""
    description: str = ""
    wants_auth: bool | None = None
    enabled: bool | None = None
    tools: int | None = None


class NotListed(JobError):
    """The gateway does not list its servers; ``status`` is its answer's, None where it is no refusal."""

    def __init__(self, detail: str, fix: tuple[str, ...], status: int | None = None) -> None:
        super().__init__("servers-not-listed", "The gateway does not list its servers.", detail, fix)
        self.status = status


async def list_servers(draft: Draft, transport: Transport | None = None) -> tuple[GatewayServer, ...]:
    """The servers behind the gateway that a draft describes, those that its credential may see, by name.

    Only what the first leg reads is sent, to the gateway's own address; the credential for the server behind is not.

    Raises:
        UsageError: the draft lacks service, address or method, or this service lists none.
        NotListed: the gateway refuses, or answers otherwise. TransportError, TokenRefused: no answer, no token.
    """
    if transport is None:
        from wizard.transport import Transport as Real

        async with Real(timeout=_TIMEOUT) as opened:
            return await list_servers(draft, opened)
    from wizard import methods, oauth, setup

    if draft.service is None or draft.environment is None or draft.method is None or not setup.url_of(draft):
        raise UsageError("wrong-usage", "Choose the service, its address and how to sign in first.")
    # whatever the token is for by itself: the list is to be chosen from, before scopes are
    choice = replace(setup.choice(draft), scopes=())
    service = choice.service
    secrets = await oauth.complete(choice, transport=transport)
    plan = methods.entry_plan(replace(choice, secrets=secrets, kept=()))
    entry = realise(only(plan, frozenset(secrets)), secrets)
    if not isinstance(entry, Remote):
        raise UsageError("no-listing", f"{service.title} is no gateway: it lists no servers.")
    base = methods.base_of(choice)
    return await listed(service, base, entry.headers, transport)


async def listed(
    service: Service, base: str, headers: Mapping[str, Secret], transport: Transport
) -> tuple[GatewayServer, ...]:
    """As `list_servers`, with the entry's headers at hand; ``base`` is the gateway's own address.

    Raises: UsageError ``no-listing``; NotListed; TransportError.
    """
    if not service.listing:
        raise UsageError("no-listing", f"{service.title} is no gateway: it lists no servers.")
    sent = _first_leg(service, headers)
    transport.know(*sent.values())
    refused: Reply | None = None
    for path in service.listing:
        reply = await transport.send("GET", base.rstrip("/") + path, headers=sent)
        if reply.status == 200 and (page := _page(reply)) is not None:
            return await _all(page, base.rstrip("/") + path, sent, transport)
        if reply.status in (401, 403):
            refused = reply
    if refused is not None:
        raise NotListed(
            f"It answers {refused.status}.",
            ("Check the credential for the gateway itself.", "Or type the server's name by hand."),
            refused.status,
        )
    raise NotListed(
        f"None of {', '.join(service.listing)} answers with a list.",
        ("Type the server's name by hand, as it stands in its address.",),
    )


def from_config(path: Path) -> tuple[GatewayServer, ...]:
    """The servers in a client's config that the gateway's scripts wrote (``.oauth-tokens/mcp.json``,
    ``vscode_mcp.json``). Raises: FileProblem."""
    from wizard.reading import read_text

    try:
        data = json.loads(read_text(path, FileProblem))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise FileProblem(
            "config-not-json", f"{path} cannot be read.", "It is no JSON object.", ["Have it generated anew."]
        )
    nested = data.get("mcp")
    places = [
        data.get("mcpServers"),
        data.get("servers"),
        nested.get("servers") if isinstance(nested, dict) else None,
    ]
    entries = next((p for p in places if isinstance(p, dict)), {})
    return _sorted(
        GatewayServer(name, wants_auth=_AUTHORIZATION in (entry.get("headers") or {}))
        for name, entry in entries.items()
        if isinstance(entry, dict)
    )


def from_rules(rules: Rules, groups: Collection[str] | None = None) -> tuple[GatewayServer, ...]:
    """The servers that the access rules name: those open to these groups, or all where no groups are asked about."""
    wanted = tuple(rules.scopes) if groups is None else rules.scopes_of(groups)
    return _sorted(GatewayServer(name) for name in rules.servers(wanted))


def _first_leg(service: Service, headers: Mapping[str, Secret]) -> dict[str, Secret]:
    """What the gateway itself reads. Its registry takes the same token as Authorization, which here is for nobody
    else: nothing is passed on from these pages."""
    names = [n.lower() for n in service.legs[0].headers] if service.legs else None
    sent = {n: v for n, v in headers.items() if names is None or n.lower() in names}
    credential = next((v for n, v in sent.items() if names and n.lower() == names[0]), None)
    return {**sent, **({_AUTHORIZATION: credential} if credential else {})}


async def _all(
    page: tuple[list[object], str], url: str, headers: Mapping[str, Secret], transport: Transport
) -> tuple[GatewayServer, ...]:
    items, cursor = page
    for _ in range(_PAGES - 1):
        if not cursor:
            break
        reply = await transport.send("GET", f"{url}?cursor={quote(cursor, safe='')}", headers=headers)
        more = _page(reply) if reply.status == 200 else None
        if more is None or not more[0]:
            break
        items, cursor = items + more[0], more[1]
    return _sorted(s for item in items if (s := _server(item)) is not None)


def _page(reply: Reply) -> tuple[list[object], str] | None:
    """The entries and the next cursor; None where it is no such list."""
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("servers"), list):
        return None
    more = data.get("metadata")
    cursor = more.get("nextCursor") if isinstance(more, dict) else None
    return data["servers"], cursor if isinstance(cursor, str) else ""


def _server(item: object) -> GatewayServer | None:
    if not isinstance(item, dict):
        return None
    inner = item.get("server") if isinstance(item.get("server"), dict) else item
    facts: dict[str, object] = dict(inner) if isinstance(inner, dict) else {}
    for held in (facts.get("_meta"), item.get("_meta")):
        for more in held.values() if isinstance(held, dict) else ():
            facts = {**(more if isinstance(more, dict) else {}), **facts}
    path = _text(facts, "path") or _text(facts, "name").rpartition("/")[2]
    name = urlsplit(path).path.strip("/")
    if not name or not name.isprintable() or len(name) > 200:
        return None
    auth = _text(facts, "auth_type") or _text(facts, "auth_scheme")
    enabled, tools = facts.get("is_enabled"), facts.get("num_tools")
    return GatewayServer(
        name,
        _text(facts, "title") or _text(facts, "display_name") or _text(facts, "server_name"),
        _text(facts, "description"),
        auth.lower() != "none" if auth else None,
        enabled if isinstance(enabled, bool) else None,
        tools if type(tools) is int else None,
    )


def _text(facts: Mapping[str, object], key: str) -> str:
    value = facts.get(key)
    shown = (
        " ".join("".join(c if c.isprintable() else " " for c in value).split())
        if isinstance(value, str)
        else ""
    )
    return shown[:300]


def _sorted(found: Iterable[GatewayServer]) -> tuple[GatewayServer, ...]:
    return tuple(sorted({s.name: s for s in found}.values(), key=lambda s: s.name))
