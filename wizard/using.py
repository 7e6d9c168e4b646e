"""A saved connection in clients: which of them have it, and what it takes to give it to more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import written
from .errors import AuthwizardError, JobError

if TYPE_CHECKING:
    from .change import Change, ExportReport
    from .choice import Choice
    from .connections import Connection
    from .entries import Entry, EntryPlan
    from .livetest import LiveTestReport
    from .secret import Secret
    from .setup.places import Offer

Prove = Callable[["Connection", "Entry"], Awaitable["LiveTestReport"]]
"""Runs the live test of a saved connection on an entry as it was read back."""


@dataclass(frozen=True, slots=True)
class Use:
    """An entry that this program wrote for a connection, and that stands in its file still. ``changed`` says that it
    is no longer as it was written."""

    client: str
    title: str
    path: Path
    changed: bool


def uses(name: str) -> tuple[Use, ...]:
    """The entries that were written for this connection; a file that cannot be read has none."""
    from . import clients

    found: list[Use] = []
    for record in written.of(name):
        try:
            if written.fingerprint(record.client, Path(record.path), name):
                title = clients.get(record.client).title
                found.append(Use(record.client, title, Path(record.path), not written.untouched(record)))
        except AuthwizardError:
            continue
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a connection's entry can be written; ``held`` is what was written for it already, by the place's id."""

    offer: Offer
    held: Mapping[str, Use]

    @property
    def notes(self) -> dict[str, str]:
        """What stands behind the title of a place that has it."""
        return {id: "has it, changed since" if use.changed else "has it" for id, use in self.held.items()}


def shelf(connection: Connection) -> Shelf:
    """Every place, those that have the connection first, wherever their file is."""
    from .setup import places
    from .setup.draft import ClientChoice

    choice, plan = planned(connection)
    every = list(places.places())
    held: dict[str, Use] = {}
    for use in uses(connection.name):
        there = next((p for p in every if p.choice.client == use.client and p.path == str(use.path)), None)
        if there is None:
            elsewhere = ClientChoice(use.client, project=False, path=str(use.path))
            title = f"{use.title} ({use.path.parent.name or use.path})"
            there = places.Place(f"{use.client} {use.path}", title, elsewhere, str(use.path), found=True)
            every.append(there)
        held[there.id] = use
    every.sort(key=lambda p: p.id not in held)
    return Shelf(places.offer(every, plan, choice.speaks, held), held)


def planned(connection: Connection) -> tuple[Choice, EntryPlan]:
    """What the connection comes to, and the entry that would be written for it."""
    from . import connections, methods

    choice = connections.choice(connection)
    return choice, methods.entry_plan(choice)


def prepare(
    connection: Connection,
    client: str,
    *,
    project: bool,
    path: Path | None = None,
    how: str | None = None,
    ca: str | None = None,
) -> Change:
    """What would be written for a saved connection.

    Raises: as `wizard.export.prepare`; a secret that cannot be read, or an access token that cannot be had.
    """
    from . import connections, export, methods

    choice, plan = planned(connection)
    if export.wants_values(client, plan, how):
        secrets = completed(connection, ca)
    else:
        secrets = methods.derived(replace(choice, secrets=connections.secrets_of(connection)))
    return export.prepare(
        plan,
        connection.name,
        client,
        project=project,
        path=path,
        how=how,
        secrets=secrets,
        sources=connection.secrets,
        speaks=choice.speaks,
    )


def completed(connection: Connection, ca: str | None = None) -> Mapping[str, Secret]:
    """The connection's secrets, and those derived from them; a token endpoint is asked."""
    from . import connections, oauth

    choice = connections.choice(connection)
    return oauth.completed(replace(choice, secrets=connections.secrets_of(connection)), ca=ca)


async def write(connection: Connection, change: Change, prove: Prove) -> ExportReport:
    """Write one change, read back what it says, and prove it.

    Raises: AuthwizardError: it could not be written, or its secrets cannot be had.
    """
    from . import export, proof

    done = await asyncio.to_thread(export.write, change)
    held = await asyncio.to_thread(completed, connection)
    try:
        entry = await asyncio.to_thread(lambda: export.read_back(done, secrets=held))
    except JobError as error:
        return proof.unread(done, error)
    return proof.report(done, entry, await prove(connection, entry))
