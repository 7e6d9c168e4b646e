"""What a kind of method brings along, so that a service's description can leave it out."""

from __future__ import annotations

from dataclasses import dataclass, field

from wizard.services import Field, Templates


@dataclass(frozen=True, slots=True)
class Kind:
    """``id`` is the contract's method id. ``fields`` and ``headers`` hold where a description names none.

    ``derived`` are the secrets that an exchange at a token endpoint yields. ``free_header`` is the field whose
    header's name a person may choose; empty where none is.
    """

    id: str
    title: str
    fields: tuple[Field, ...] = ()
    headers: Templates = field(default_factory=dict)
    free_header: str = ""
    derived: tuple[Field, ...] = ()
