"""Clients registered through a provider's own API: many at once, listed with what is known of their use, removed.

`opened` finds whose API it is; `planned` compares what is wanted with what is there. A module for each provider knows
its addresses; nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard import providers
from wizard.errors import UsageError
from wizard.urls import check_url

from . import fusionauth, keycloak
from .clients_file import read, wanted
from .model import IN_USE, MARK, UNKNOWN, UNUSED, Client, Opens, Registrar, RegistrarRefused, Wanted

if TYPE_CHECKING:
    from wizard.secret import Secret
    from wizard.transport import Transport

__all__ = [
    "IN_USE",
    "MARK",
    "PROVIDERS",
    "UNKNOWN",
    "UNUSED",
    "Client",
    "Planned",
    "Registrar",
    "RegistrarRefused",
    "Wanted",
    "opened",
    "planned",
    "read",
    "wanted",
]

_OPEN: Final[Mapping[str, Opens]] = {keycloak.PROVIDER: keycloak.open_, fusionauth.PROVIDER: fusionauth.open_}
PROVIDERS: Final = tuple(_OPEN)
"""Whose API is known."""


@dataclass(frozen=True, slots=True)
class Planned:
    """``new`` are to be registered; ``there`` are already, exactly so; ``differs`` have their name and other redirect
    URIs, and stay as they are."""

    new: tuple[Wanted, ...]
    there: tuple[Client, ...] = ()
    differs: tuple[Client, ...] = ()


async def opened(
    at: str,
    settings: Mapping[str, str],
    secrets: Mapping[str, Secret],
    transport: Transport,
    *,
    provider: str = "",
    allow: tuple[str, ...] = (),
) -> Registrar:
    """The registrar at an address. ``provider`` is one of `PROVIDERS`, found out where it is empty: by the address, or
    by the metadata that is published there.

    Raises: as `model.Opens`; UsageError ``provider-unknown``.
    """
    address = check_url(at).rstrip("/")
    transport.know(*secrets.values())
    id = provider or await _whose(address, transport)
    if id not in _OPEN:
        named = providers.named(id)
        raise UsageError(
            "provider-unknown",
            f"Clients of {named.title} are not registered through its API by this program."
            if named
            else "Whose API this is cannot be told.",
            "",
            [
                f"It can do so for: {', '.join(PROVIDERS)}; name one with --provider.",
                "Elsewhere a client is registered by hand: authwizard setup says where to click.",
            ],
        )
    return await _OPEN[id](address, settings, secrets, transport, allow)


def planned(asked: Iterable[Wanted], there: Iterable[Client]) -> Planned:
    """What is to be done: a client is known by its name."""
    known = {c.name: c for c in there}
    new: list[Wanted] = []
    same: list[Client] = []
    other: list[Client] = []
    for one in asked:
        found = known.get(one.name)
        if found is None:
            new.append(one)
        else:
            (same if set(found.redirect_uris) == set(one.redirect_uris) else other).append(found)
    return Planned(tuple(new), tuple(same), tuple(other))


async def _whose(address: str, transport: Transport) -> str:
    from .api import table_of

    if found := providers.of(address):
        return found.id
    reply = await transport.send("GET", f"{address}/.well-known/openid-configuration")
    found = providers.of(address, table_of(reply)) if reply.status == 200 else None
    return found.id if found else ""
