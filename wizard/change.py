"""A change of a client's file as plain data: what would be written, what was written, and what came of it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from .clients.model import Job


@dataclass(frozen=True, slots=True)
class UsedReference:
    """How the client comes by one secret. ``line`` is the shell line that makes it work, None where none is
    needed; ``var`` the variable that the client, or its child, reads."""

    field: str
    how: str
    var: str | None
    line: str | None

    def as_json(self) -> dict[str, object]:
        """The contract's reference."""
        return {"field": self.field, "how": self.how, "var": self.var, "line": self.line}


@dataclass(frozen=True, slots=True)
class Change:
    """What would be written. ``before`` and ``after`` are the file's bytes (None: no file, or no file of its
    own); ``diff`` and ``text`` hold no secret. ``beside`` are changes of other files, written together with it;
    their diffs are in ``diff``, and where only one of them changes ``changed`` is True as well. ``unproven`` says what
    an answer to this program does not prove of the client, empty where it proves all. ``command`` are the words of the
    client's own command that makes the same entry, without a secret; empty where it has none. ``replaces`` is what
    stood where the entry stands then (it may hold secrets), None where that is not known."""

    client: str
    server: str
    path: Path | None
    diff: str
    changed: bool
    how: str
    references: tuple[UsedReference, ...]
    text: str | None
    next_act: tuple[str, ...]
    proof_after: str
    mode: int
    before: bytes | None = field(repr=False)
    after: bytes | None = field(repr=False)
    job: Job | None = field(repr=False, default=None)
    beside: tuple[Change, ...] = ()
    unproven: str = ""
    replaces: tuple[object, ...] | None = field(repr=False, default=None)
    command: tuple[str, ...] = ()

    @property
    def command_line(self) -> str:
        """The client's own command as it is typed into a POSIX shell; empty where it has none."""
        return shlex.join(self.command)

    @property
    def own(self) -> bool:
        """Whether this very file changes."""
        return self.path is not None and self.before != self.after


@dataclass(frozen=True, slots=True)
class Written:
    """A change that is on disk (or needed no writing), and the copy of the file as it was."""

    change: Change
    backup: Path | None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export came to. ``read_back`` and ``answered`` are None where they were not tried. ``why`` says what
    failed where nothing answered, ``fix`` what to do about it; where it answered, ``why`` is what that does not prove
    of the client."""

    change: Change
    backup: Path | None = None
    read_back: bool | None = None
    answered: bool | None = None
    why: str = ""
    fix: tuple[str, ...] = ()

    @property
    def acts(self) -> tuple[str, ...]:
        """What comes next: what to do in the client, or about what failed."""
        if self.answered is False:
            return tuple(part for part in (self.why, *self.fix) if part)
        return self.change.next_act

    def as_json(self) -> dict[str, object]:
        """The contract's ``export`` answer."""
        change = self.change
        failed = {"why": self.why, "fix": list(self.fix)} if self.why or self.fix else {}
        also = [{"path": str(c.path), "changed": c.changed} for c in change.beside]
        return {
            "schema": 1,
            "client": change.client,
            "path": str(change.path) if change.path else None,
            "changed": change.changed,
            "backup": str(self.backup) if self.backup else None,
            "diff": change.diff,
            "text": change.text,
            "references": [r.as_json() for r in change.references],
            "command": change.command_line or None,
            "proof": {
                "read_back": self.read_back,
                "answered": self.answered,
                "after": change.proof_after,
                **failed,
            },
            **({"also": also} if also else {}),
        }
