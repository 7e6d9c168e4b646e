"""The sites that a token is for, where its provider lists them (Atlassian's accessible-resources)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard import providers
from wizard.errors import JobError
from wizard.secret import Secret

if TYPE_CHECKING:
    from wizard.choice import Choice
    from wizard.exchange import Reply
    from wizard.transport import Transport

_SECONDS: Final = 15.0
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Site:
    """``id`` is what its API's address holds (the cloud id); ``name`` and ``url`` are the person's own words for it."""

    id: str
    name: str = ""
    url: str = ""
    scopes: tuple[str, ...] = ()


async def of(choice: Choice, transport: Transport | None = None) -> tuple[Site, ...]:
    """The sites of the login that this choice holds.

    Raises:
        JobError: ``sites-not-listed``; ``login-missing`` before there is a login. OAuthProblem, TokenRefused,
        TransportError: as `complete`.
    """
    if transport is None:
        from wizard.transport import Transport as Real

        async with Real(timeout=_SECONDS) as opened:
            return await of(choice, opened)
    from .complete import TOKEN, complete

    provider = providers.of_choice(choice)
    place = provider.sites_at(providers.origin_of(choice)) if provider else ""
    if not place:
        raise JobError("sites-not-listed", f"{choice.service.title} lists no sites here.")
    token = (await complete(choice, transport=transport))[TOKEN]
    headers: dict[str, Secret | str] = {
        "Authorization": Secret(f"Bearer {token.reveal()}"),
        "Accept": "application/json",
    }
    transport.know(token)
    reply = await transport.send("GET", place, headers=headers)
    found = _sites(reply)
    if found is None:
        raise JobError(
            "sites-not-listed",
            f"{urlsplit(place).hostname} does not list the sites of this login.",
            f"It answered {reply.status}.",
            ["Log in again, and consent to the site that you mean.", "Or type the id by hand."],
        )
    return found


def _sites(reply: Reply) -> tuple[Site, ...] | None:
    if reply.status != 200:
        return None
    try:
        rows = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list):
        return None
    by_id: dict[str, Site] = {}
    for row in rows[:_MOST]:
        if isinstance(row, dict) and (id := _text(row.get("id"))):
            scopes = row.get("scopes")
            held = tuple(_text(s) for s in scopes) if isinstance(scopes, list) else ()
            # a site is there once for each product
            before = by_id[id].scopes if id in by_id else ()
            by_id[id] = Site(id, _text(row.get("name")), _text(row.get("url")), (*before, *held))
    return tuple(by_id.values())


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c.isprintable())[:200]
