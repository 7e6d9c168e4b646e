"""Every failure a user can meet, as one tree.

Each carries an ``id`` (stable, for scripts), a ``title`` (one sentence), a ``detail`` (what was seen) and ``fix``
(what to do, step by step). One that could not be put into a file carries what was to stand there as its ``snippet``.
Nothing in them may hold a secret.

* AuthwizardError
  * UsageError            exit 2: the command line, or a choice that cannot work
  * JobError              exit 1: the job was understood and failed
    * FileProblem         a file that cannot be read, parsed or written
    * CatalogueError      a service description at fault, with its line
    * StoreError          a secret store that refuses
    * SourceError         a credential source that yields nothing usable
    * TransportError      no answer was had; `wizard.transport` refines it
"""

from __future__ import annotations

from typing import ClassVar


class AuthwizardError(Exception):
    """A failure with its sentence; ``exit_code`` is what the shell gets."""

    exit_code: ClassVar[int] = 1

    def __init__(self, id: str, title: str, detail: str = "", fix: tuple[str, ...] | list[str] = ()) -> None:
        super().__init__(title)
        self.id = id
        self.title = title
        self.detail = detail
        self.fix = tuple(fix)
        self.snippet = ""

    def as_json(self) -> dict[str, object]:
        """The contract's error object (without the ``schema`` wrapper)."""
        told: dict[str, object] = {
            "id": self.id,
            "title": self.title,
            "detail": self.detail,
            "fix": list(self.fix),
        }
        return {**told, "snippet": self.snippet} if self.snippet else told


class UsageError(AuthwizardError):
    """Wrong usage: a missing or contradictory choice, known before anything was done."""

    exit_code = 2


class JobError(AuthwizardError):
    """The job was understood and could not be done."""


class FileProblem(JobError):
    """A file that cannot be read as what it should be, or not be written."""


class CatalogueError(JobError):
    """A service description at fault; ``detail`` names file, line and what was expected."""


class StoreError(JobError):
    """A secret store that is absent, locked, or keeps nothing."""


class SourceError(JobError):
    """A credential source (variable, file, command, keyring) that yields nothing usable."""


class TransportError(JobError):
    """No usable HTTP answer was had."""
