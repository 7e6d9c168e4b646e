"""What a kind of method brings along, so that a service's description can leave it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wizard.secret import Secret
from wizard.services import Field, Templates

HEADER = "header."
QUERY = "query."
VARIABLE = "env."
"""How the field of a header, of a parameter of the address, or of a program's variable begins: ``header.X-API-Key``."""

Check = Callable[[Mapping[str, str]], None]
"""Refuses texts, by field, that cannot be sent. Raises UsageError, without repeating a value."""

Compute = Callable[[Mapping[str, str], Mapping[str, Secret]], Mapping[str, Secret]]
"""From the texts and the secrets of a method, by field, to the secrets that are computed from them. Raises UsageError
where they cannot be; gives nothing while one of them is missing."""


@dataclass(frozen=True, slots=True)
class Free:
    """A header or parameter whose name a person may choose.

    ``begins`` is `HEADER`, `QUERY` or `VARIABLE`, ``name`` the name while none is chosen, ``setting`` the
    field that holds the choice, ``field`` the one that any field of the person's own (``header.X-Company-Key``) stands
    in for.
    """

    begins: str
    name: str
    setting: str
    field: str


@dataclass(frozen=True, slots=True)
class Kind:
    """``id`` is the contract's method id. ``fields``, ``headers`` and ``query`` hold where a description names none.

    ``derived`` are the secrets that nobody is asked for: ``compute`` makes them here, or the SOURCE does that
    begins with ``source`` and goes on with the setting ``named_by`` (``cmd:`` and ``command``), or an exchange at a
    token endpoint yields them. ``named_by`` of a kind that derives nothing is short for the SOURCE of its one secret.
    ``flows`` is True where an authorization server gives the derived token, found as MCP says (`wizard.oauth.flow`);
    ``person`` where somebody has to log in for it: what that came to is kept in the field ``login``. ``instead`` are
    fields that another one stands in for.
    ``check`` refuses what cannot be sent. ``free`` is None where no name is to be chosen. ``only_own`` is True where
    headers, or a program's variables, of the person's own are all that there is; their names stand in ``free.field``.
    """

    id: str
    title: str
    fields: tuple[Field, ...] = ()
    headers: Templates = field(default_factory=dict)
    derived: tuple[Field, ...] = ()
    query: Templates = field(default_factory=dict)
    free: Free | None = None
    compute: Compute | None = None
    check: Check | None = None
    named_by: str = ""
    source: str = ""
    only_own: bool = False
    flows: bool = False
    person: bool = False
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def derives_here(self) -> bool:
        """Whether the derived secrets need no token endpoint."""
        return self.compute is not None or bool(self.derived and self.named_by)
