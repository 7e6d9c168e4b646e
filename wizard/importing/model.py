"""What would be made of a client's entries, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wizard.clients.model import Scope
from wizard.connections import Connection
from wizard.secret import Secret

ERROR: Final = "error"
NOTE: Final = "note"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One secret of an entry, for the connection's ``field``. One of three is there: ``source``, a reference that
    stays; ``secret``, a value that goes into a store (``literal``: it stands in the client's file itself); ``asked``,
    why it has to be given, as the end of a sentence. ``prefix`` goes before a value that is given by typing it."""

    field: str
    source: str = ""
    secret: Secret | None = None
    literal: bool = False
    asked: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be said of an entry, or (``server`` empty) of a file; an `ERROR` where no connection comes of it."""

    id: str
    server: str
    says: str
    severity: str = NOTE


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, and the connection that would be made of it. Its ``secrets`` are references that stay; what ``wanted``
    holds beside them goes into a store, or has to be given first. ``changed`` is False where the very same one is saved
    already."""

    client: str
    server: str
    scope: Scope
    connection: Connection
    wanted: tuple[Wanted, ...] = ()
    changed: bool = True

    @property
    def target(self) -> str:
        """How the entry is named elsewhere."""
        return f"{self.client}:{self.server}"

    @property
    def keep(self) -> dict[str, Secret]:
        """What goes into a store, by field."""
        return {w.field: w.secret for w in self.wanted if w.secret is not None and not w.source}

    @property
    def asks(self) -> tuple[Wanted, ...]:
        """What has to be given before it can be saved."""
        return tuple(w for w in self.wanted if w.asked and w.secret is None and not w.source)


@dataclass(frozen=True, slots=True)
class Import:
    """What would be made of a client's entries. ``path`` is its file, the first of them where there are several."""

    client: str
    path: Path | None
    found: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether something of it cannot be made a connection."""
        return any(p.severity == ERROR for p in self.problems)


@dataclass(frozen=True, slots=True)
class Made:
    """What an entry comes to, without a name: all that a connection holds, its secrets as ``wanted``. ``notes`` are
    sentences."""

    service: str
    url: str
    method: str
    settings: Mapping[str, str] = field(default_factory=dict)
    wanted: tuple[Wanted, ...] = ()
    notes: tuple[str, ...] = ()
