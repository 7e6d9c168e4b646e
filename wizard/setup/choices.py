"""The values that a field may be chosen from, where the catalogue names a list for it (`Field.choices`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from wizard.services import Field

from .draft import Draft, fields, with_name, with_setting


@dataclass(frozen=True, slots=True)
class Offer:
    """One value: what it is called, a note, and why it cannot be chosen (empty when it can)."""

    value: str
    title: str
    note: str = ""
    shut: str = ""


async def offers(d: Draft, field: Field) -> tuple[Offer, ...]:
    """The values there are; none where the field has no list. What is typed by hand need not be among them.

    Raises:
        AuthwizardError: the list cannot be had; the sentence says why.
    """
    return await _LISTS[field.choices](d) if field.choices else ()


def chosen_from_list(d: Draft) -> Field | None:
    """The field by which one service holds several of its kind (the servers behind a gateway)."""
    return next((f for f in fields(d) if f.choices), None)


def another_of_list(d: Draft) -> Draft:
    """The same again but for that field, the name, and what they bring with them: the test."""
    field = chosen_from_list(d)
    if field is None:
        return d
    return replace(with_name(with_setting(d, field.id, ""), ""), test=None)


async def _listing(d: Draft) -> tuple[Offer, ...]:
    from wizard.gateway import listing

    return tuple(
        Offer(
            server.name,
            server.title or server.name,
            ", ".join(
                part
                for part in (
                    server.name if server.title and server.title != server.name else "",
                    "asks for no credential of its own" if server.wants_auth is False else "",
                    ""
                    if server.tools is None
                    else "1 tool"
                    if server.tools == 1
                    else f"{server.tools} tools",
                )
                if part
            ),
            "it is switched off at the gateway" if server.enabled is False else "",
        )
        for server in await listing.list_servers(d)
    )


_LISTS: Final[Mapping[str, Callable[[Draft], Awaitable[tuple[Offer, ...]]]]] = {"listing": _listing}
