"""Facts about the login that another program keeps for a target. No token is in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.caches import Cached, Holder

from .wire import Answer


@dataclass(frozen=True, slots=True)
class KeptLogins:
    """``mine`` are the target's, ``others`` stand beside them in the same cache: for another domain or address.

    ``program`` keeps them; ``whose`` is the domain or address of the target; ``now`` in seconds since 1970.
    ``wanted`` is True where nothing goes without a login, ``name`` the saved connection that it is for.
    """

    program: str
    whose: str
    now: float
    mine: tuple[Cached, ...] = ()
    others: tuple[Cached, ...] = ()
    wanted: bool = False
    name: str = ""

    def seen(self) -> str:
        """How the login stands."""
        if self.mine:
            return "; ".join(f"{e.path.name}: {e.says()}" for e in self.mine)
        return f"{self.program} keeps no login for {self.whose}"


_SOON: Final = 60.0


@dataclass(frozen=True, slots=True)
class Left:
    """A lock beside the logins: a ``folder`` or a file, ``ought`` being what its program makes; ``age`` in seconds.
    ``alive`` is whether the process that it names, ``pid``, runs."""

    path: Path
    folder: bool
    ought: bool
    age: float
    pid: int | None = None
    alive: bool = False


@dataclass(frozen=True, slots=True)
class Shut:
    """A file or folder that its program may not write: ``why`` is a clause, ``fix`` what to do."""

    path: Path
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class KeptStore:
    """The place where ``program`` keeps its logins. ``store`` is the file, ``written`` when it was last written (None
    where it is not there), ``begun`` when a login was last begun, all in seconds since 1970. ``holders`` are processes
    that hold it, ``delivered`` names a log that says that a code came and was not exchanged; ``due`` is True where
    a login has ended and can be renewed, ``used`` when the program was last used for this server, by its log."""

    program: str
    store: Path
    now: float
    written: float | None = None
    begun: float | None = None
    locks: tuple[Left, ...] = ()
    shut: Shut | None = None
    holders: tuple[Holder, ...] = ()
    delivered: str = ""
    due: bool = False
    used: float | None = None

    @property
    def stuck(self) -> bool:
        """Whether a login was begun here, nothing came of it, and somebody still waits for it or could do without."""
        if self.due and self.used is not None and (self.written or 0.0) < self.used - _SOON:
            return True
        if self.begun is None or self.now - self.begun < _SOON or (self.written or 0.0) >= self.begun:
            return False
        return bool(self.delivered) or self.due or any(h.alive for h in self.holders)

    def written_after(self, lock: Left) -> bool:
        """Whether a login was written although the lock was there."""
        return self.written is not None and self.written > self.now - lock.age + 1

    def seen(self) -> str:
        """Whether it can be written."""
        if self.shut is not None:
            return f"{self.shut.path}: {self.shut.why}"
        return f"{self.store}: {len(self.locks)} lock(s)" if self.locks else f"{self.store} can be written"


@dataclass(frozen=True, slots=True)
class OldSession:
    """A client that was started before the credential changed: its process has another value of the ``variable`` that
    the entry refers to, and ``answer`` is what the server says to that one."""

    title: str
    pid: int
    program: str
    variable: str
    answer: Answer

    def seen(self) -> str:
        """What it has."""
        return f"{self.program} (process {self.pid}) has another {self.variable}: {self.answer.seen()}"
