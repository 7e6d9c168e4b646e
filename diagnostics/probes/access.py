"""Who may reach what behind a gateway: the token's groups, the gateway's rules, and the servers that it lists."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wizard import methods
from wizard.entries import Remote
from wizard.errors import AuthwizardError, TransportError
from wizard.gateway import listing, rules
from wizard.gateway.listing import GatewayServer, NotListed
from wizard.gateway.rules import Rules
from wizard.services import Service

from ..engine import Context, Probe, Skip
from ..facts import JwtView
from ..facts.gateway import Access
from ..facts.wire import Differential
from ..sending import live_headers
from ..target import Target
from ..token import direct_groups

_DOCUMENTED: Final = Path("auth_server/scopes.yml")


async def access(context: Context, differential: Differential, jwt: JwtView) -> Access | Skip:
    """Asked only where the gateway, or who stands behind it, refuses or knows no such address; with what is for the
    gateway itself."""
    target = context.target
    service = target.service
    if service is None or not service.listing or not isinstance(target.entry, Remote):
        return Skip("no gateway is on the way")
    if not differential.judged.refused and differential.judged.status != 404:
        return Skip("the request is not refused")
    base = _base(target)
    server = server_of(target)
    held = await asyncio.to_thread(rules_of, target)
    known = tuple(held.groups) if held else tuple(dict.fromkeys(g for s in service.scopes for g in s.groups))
    source = held.source if held else f"the document of {service.title}"
    listed = await _listed(context, service, base)
    return Access(server, direct_groups(jwt.claims), known, source, held, listed)


def server_of(target: Target) -> str:
    """The server behind the gateway that the address names."""
    return urlsplit(target.url[len(_base(target)) :]).path.strip("/").split("/")[0]


def _base(target: Target) -> str:
    choice = target.choice
    base = methods.base_of(replace(choice, url=target.url)) if choice else ""
    if base in ("", target.url.rstrip("/")):
        parts = urlsplit(target.url)
        return f"{parts.scheme}://{parts.netloc}"
    return base


def rules_of(target: Target) -> Rules | None:
    """The rules where the setting says, else where the document has them under the working folder."""
    named = target.settings.get("scopes_file", "").strip()
    place = Path(named).expanduser() if named else _DOCUMENTED
    try:
        return rules.read(place) if named or place.is_file() else None
    except AuthwizardError:
        return None


async def _listed(context: Context, service: Service, base: str) -> tuple[GatewayServer, ...] | None:
    try:
        return await listing.listed(service, base, live_headers(context.target), context.transport)
    except (NotListed, TransportError):
        return None


PROBE = Probe("access", "groups, rules and the list of servers", Access, access)
