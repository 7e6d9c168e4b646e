"""The values that a field may be chosen from, where the catalogue names a list for it (`Field.choices`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from wizard.outcomes import counted
from wizard.services import Field

from .draft import Draft, fields, with_name
from .made import choice


@dataclass(frozen=True, slots=True)
class Offer:
    """One value: what it is called, a note, and why it cannot be chosen (empty when it can). ``asks`` is whether it
    wants a credential of its own (None: nobody said)."""

    value: str
    title: str
    note: str = ""
    shut: str = ""
    asks: bool | None = None


async def offers(d: Draft, field: Field) -> tuple[Offer, ...]:
    """The values there are; none where the field has no list. What is typed by hand need not be among them.

    Raises:
        AuthwizardError: the list cannot be had; the sentence says why.
    """
    return await _LISTS[field.choices](d) if field.choices else ()


def chosen_from_list(d: Draft) -> Field | None:
    """The field by which one service holds several of its kind (the servers behind a gateway)."""
    return next((f for f in fields(d) if f.choices == "listing"), None)


def another_of_list(d: Draft) -> Draft:
    """The same again but for that field, the name, and what they bring with them: the test, and all that was for the
    one before alone, its credential first of all."""
    field = chosen_from_list(d)
    if field is None or d.service is None:
        return d
    gone = d.service.beside(field)
    return replace(
        with_name(d, ""),
        settings={k: v for k, v in d.settings.items() if k not in gone},
        secrets={k: v for k, v in d.secrets.items() if k not in gone},
        sources={k: v for k, v in d.sources.items() if k not in gone},
        test=None,
    )


def own_secret(d: Draft) -> Field | None:
    """The field for the credential of the one that is chosen from the list; None where there is none."""
    field = chosen_from_list(d)
    same = d.service.beside(field) if field and d.service else frozenset()
    return next((f for f in fields(d) if f.secret and f.id in same), None)


_OWN: Final[Mapping[bool | None, str]] = {
    True: "wants a credential of its own",
    False: "asks for no credential of its own",
}


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
                    _OWN.get(server.wants_auth, ""),
                    "" if server.tools is None else counted(server.tools, "tool"),
                )
                if part
            ),
            "it is switched off at the gateway" if server.enabled is False else "",
            server.wants_auth,
        )
        for server in await listing.list_servers(d)
    )


async def _sites(d: Draft) -> tuple[Offer, ...]:
    from wizard.oauth import sites

    return tuple(Offer(s.id, s.name or s.id, s.url) for s in await sites.of(choice(d)))


_LISTS: Final[Mapping[str, Callable[[Draft], Awaitable[tuple[Offer, ...]]]]] = {
    "listing": _listing,
    "sites": _sites,
}
