"""Switching a connection to its fallback: looked at first, then done, and what was written proven again.

Which entries depend on the method is found by writing them anew: those of this program that nobody changed since. An
entry that finds its credential by a helper is often the same afterwards, and is proven all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import connections, fallbacks, written
from .connections import Connection
from .entries import Entry
from .errors import AuthwizardError, UsageError
from .removal import Part, entry_title

if TYPE_CHECKING:
    from .change import Change, ExportReport, Written
    from .livetest import LiveTestReport
    from .secret import Secret

Prove = Callable[[Connection, Entry], Awaitable["LiveTestReport"]]
"""The live test of a connection through an entry as it was read back out of a client's file."""


@dataclass(frozen=True, slots=True)
class Switch:
    """What a switch would do: ``changes`` are our entries as they would then be, each with its diff (empty where it
    stays the same); ``stays`` are those that are not written, with the reason."""

    before: Connection
    after: Connection
    changes: tuple[Change, ...]
    stays: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Switched:
    """The connection as it is now, each entry with its proof, and those that were not written."""

    connection: Connection
    exports: tuple[ExportReport, ...]
    stays: tuple[Part, ...]

    @property
    def ok(self) -> bool:
        """Whether each of our entries is written and was answered."""
        return not self.stays and all(e.answered for e in self.exports)


def prepare(name: str, *, ca: str | None = None) -> Switch:
    """What switching this connection would do; nothing is done. A token endpoint is asked where an entry holds an
    access token itself.

    Raises:
        UsageError: ``unknown-connection``, ``no-fallback``. FileProblem: the connections cannot be read.
    """
    before = connections.get(name)
    after = fallbacks.switched(before)
    changes: list[Change] = []
    stays: list[Part] = []
    for record in written.of(name):
        part = Part("entry", entry_title(record), record.path)
        try:
            if not written.untouched(record):
                if written.fingerprint(record.client, Path(record.path), name):
                    stays.append(replace(part, why="it was changed since it was written, so it is yours"))
                continue
            changes.append(_change(after, record, ca))
        except AuthwizardError as problem:
            stays.append(replace(part, why=problem.title))
    return Switch(before, after, tuple(changes), tuple(stays))


async def carry_out(switch: Switch, prove: Prove) -> Switched:
    """Switch, write each entry (a copy of its file is kept), read it back, and prove it.

    Raises:
        UsageError: ``changed-meanwhile``. FileProblem: the connections cannot be written; nothing was done then.
    """
    if connections.get(switch.before.name) != switch.before:
        raise UsageError(
            "changed-meanwhile",
            f"{switch.before.name} was changed by another program since you looked.",
            "",
            ["Run it again: it then starts from the connection as it is now.", "Nothing was changed."],
        )
    kept = await asyncio.to_thread(fallbacks.switch, switch.before.name)
    exports: list[ExportReport] = []
    stays = list(switch.stays)
    for change in switch.changes:
        try:
            exports.append(await _write(kept, change, prove))
        except AuthwizardError as problem:
            stays.append(Part("entry", f"{change.client}: {change.server}", str(change.path), problem.title))
    return Switched(kept, tuple(exports), tuple(stays))


async def _write(connection: Connection, change: Change, prove: Prove) -> ExportReport:
    from . import export, proof

    done: Written = await asyncio.to_thread(export.write, change)
    held = await asyncio.to_thread(_completed, connection, None)
    entry = await asyncio.to_thread(lambda: export.read_back(done, secrets=held))
    return proof.report(done, entry, await prove(connection, entry))


def _change(connection: Connection, record: written.Record, ca: str | None) -> Change:
    """The entry for this connection; by the way that it was written, or where the method does not allow that by the
    safest that works."""
    try:
        return _prepared(connection, record, record.how or None, ca)
    except UsageError:
        return _prepared(connection, record, None, ca)


def _prepared(connection: Connection, record: written.Record, how: str | None, ca: str | None) -> Change:
    from . import export, methods

    choice = connections.choice(connection)
    plan = methods.entry_plan(choice)
    if export.wants_values(record.client, plan, how):
        held = _completed(connection, ca)
    else:
        held = methods.derived(replace(choice, secrets=connections.secrets_of(connection)))
    return export.prepare(
        plan,
        connection.name,
        record.client,
        project=False,
        path=Path(record.path),
        how=how,
        secrets=held,
        sources=connection.secrets,
        speaks=choice.speaks,
    )


def _completed(connection: Connection, ca: str | None) -> dict[str, Secret]:
    """Its secrets, and those derived from them."""
    from . import oauth

    choice = connections.choice(connection)
    return dict(oauth.completed(replace(choice, secrets=connections.secrets_of(connection)), ca=ca))
