"""Removing or renaming a connection with everything that belongs to it: looked at first, then done.

What belongs to it: its record, the secrets that our own stores keep for it, what its last test came to, and the
entries that this program wrote into clients' configs, as long as nobody changed them. What stays is named, with
the reason.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import connections, fallbacks, outcomes, written
from .connections import Connection
from .errors import AuthwizardError, FileProblem

if TYPE_CHECKING:
    from .export import Change


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that goes or stays. ``kind`` is ``entry`` (of a client's config), ``secret`` or ``outcome``;
    ``where`` a file or a SOURCE, ``why`` the reason for staying, empty for what goes."""

    kind: str
    what: str
    where: str
    why: str = ""

    def as_json(self) -> dict[str, str]:
        """The command line's form."""
        found = {"kind": self.kind, "what": self.what, "where": self.where}
        return {**found, "why": self.why} if self.why else found


@dataclass(frozen=True, slots=True)
class Removal:
    """What would go and what would stay; ``changes`` are the clients' files, each with its diff."""

    connection: Connection
    goes: tuple[Part, ...]
    stays: tuple[Part, ...]
    changes: tuple[Change, ...]


def prepare(name: str, *, keep_clients: bool = False) -> Removal:
    """What removing the connection would do; nothing is done.

    Raises:
        UsageError: `unknown-connection`. FileProblem: the connections' own file cannot be read.
    """
    from .vault import kept_by, place_of

    connection = connections.get(name)
    rest = [c for c in connections.load_all() if c.name != name]
    others = {place_of(ref) for c in rest for ref in connections.references(c)}
    goes: list[Part] = []
    stays: list[Part] = []
    changes: list[Change] = []
    for record in written.of(name):
        change, part = _entry(record, keep_clients=keep_clients)
        if change is not None:
            changes.append(change)
            goes.append(part)
        elif part.why:
            stays.append(part)
    second = connection.fallback.secrets if connection.fallback else {}
    of_second = ((f"{field} of the fallback", reference) for field, reference in second.items())
    for field, reference in (*connection.secrets.items(), *of_second):
        if kept_by(reference) is None:
            stays.append(Part("secret", field, reference, "it is kept in a place of your own"))
        elif place_of(reference) in others:
            stays.append(Part("secret", field, reference, "another connection uses it"))
        else:
            goes.append(Part("secret", field, reference))
    if {name, fallbacks.target(name)} & outcomes.load().keys():
        goes.append(Part("outcome", "what its last test came to", str(outcomes.path())))
    return Removal(connection, tuple(goes), tuple(stays), tuple(changes))


def carry_out(removal: Removal) -> Removal:
    """Do it: the clients' files first (a copy of each is kept for undoing), then the connection and its secrets.

    Returns what went and what stayed. An entry that was changed since it was looked at stays as it is.

    Raises:
        StoreError: a secret cannot be removed; then the connection stays. FileProblem: as `connections.remove`.
    """
    from . import export

    failed: dict[str, str] = {}
    done: list[Change] = []
    for change in removal.changes:
        try:
            export.write(change)
        except FileProblem as problem:
            failed[_place(change)] = problem.title
        else:
            done.append(change)
    gone = connections.remove(removal.connection.name)
    outcomes.forget(gone.name)
    outcomes.forget(fallbacks.target(gone.name))
    goes = tuple(p for p in removal.goes if p.kind != "entry" or _key(p) not in failed)
    lost = tuple(
        Part(p.kind, p.what, p.where, failed[_key(p)])
        for p in removal.goes
        if p.kind == "entry" and _key(p) in failed
    )
    return Removal(gone, goes, (*removal.stays, *lost), tuple(done))


@dataclass(frozen=True, slots=True)
class Renamed:
    """A connection by its new name; ``moved`` are the entries that were written anew under it, ``stays`` those that
    still carry the old one, with the reason."""

    connection: Connection
    moved: tuple[Part, ...]
    stays: tuple[Part, ...]


def rename(name: str, new: str) -> Renamed:
    """Give a connection another name, and the entries that this program wrote for it as well.

    Raises:
        UsageError: `bad-name`, `unknown-connection`, `name-taken`; else as `connections.rename`.
    """
    records = written.of(name)
    kept = connections.rename(name, new)
    outcomes.rename(name, new)
    outcomes.rename(fallbacks.target(name), fallbacks.target(new))
    moved: list[Part] = []
    stays: list[Part] = []
    for record in records if new != name else ():
        part = Part("entry", entry_title(record), record.path)
        try:
            if not written.untouched(record):
                if written.fingerprint(record.client, Path(record.path), name):
                    stays.append(_because(part, "it was changed since it was written"))
                continue
            _move(kept, record)
        except AuthwizardError as problem:
            stays.append(_because(part, problem.title))
        else:
            moved.append(part)
    return Renamed(kept, tuple(moved), tuple(stays))


def _move(connection: Connection, record: written.Record) -> None:
    """Write the entry under the new name, then take the old one out."""
    from . import export
    from .errors import UsageError

    where = Path(record.path)
    if written.fingerprint(record.client, where, connection.name):
        raise UsageError("name-taken", f"The file already has an entry `{connection.name}`.")
    export.write(_planned(connection, record, where))
    export.write(export.remove(record.server, record.client, project=False, path=where))


def _planned(connection: Connection, record: written.Record, where: Path) -> Change:
    from . import export, methods

    choice = connections.choice(connection)
    plan = methods.entry_plan(choice)
    return export.prepare(
        plan,
        connection.name,
        record.client,
        project=False,
        path=where,
        how=record.how or None,
        secrets=connections.secrets_of(connection),
        sources=connection.secrets,
        speaks=choice.speaks,
    )


def _entry(record: written.Record, *, keep_clients: bool) -> tuple[Change | None, Part]:
    """The change that takes the entry out, or why it stays; neither where there is no such entry."""
    from . import export

    part = Part("entry", entry_title(record), record.path)
    where = Path(record.path)
    try:
        if not written.fingerprint(record.client, where, record.server):
            return None, part
        if keep_clients:
            return None, _because(part, "as you asked")
        if not written.untouched(record):
            return None, _because(part, "it was changed since it was written, so it is yours")
        return export.remove(record.server, record.client, project=False, path=where), part
    except AuthwizardError as problem:
        return None, _because(part, problem.title)


def _because(part: Part, why: str) -> Part:
    return Part(part.kind, part.what, part.where, why)


def entry_title(record: written.Record) -> str:
    """What an entry is called: the client's title and the entry's name."""
    from . import clients

    with contextlib.suppress(AuthwizardError):
        return f"{clients.get(record.client).title}: {record.server}"
    return f"{record.client}: {record.server}"


def _place(change: Change) -> str:
    from . import clients

    return f"{clients.get(change.client).title}: {change.server} {change.path}"


def _key(part: Part) -> str:
    return f"{part.what} {part.where}"
