"""What can be edited: a file of another program, parsed, that changes only where its one entry stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

COMMENT: Final = "a comment"
COMMA: Final = "a comma after the last item"
"""What JSON with comments may hold, and strict JSON may not."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a program's file is written. ``language`` is ``json``, ``toml`` or ``yaml``; ``allows`` is what its reader
    takes of JSON beyond the standard. ``keyed`` names the lists whose elements go by a name (the path of the list, and
    the member that holds the name): such a list is reached, read and changed like an object."""

    language: str = "json"
    allows: frozenset[str] = frozenset()
    keyed: Mapping[tuple[str, ...], str] = field(default_factory=dict)


JSON: Final = Form()
JSON_COMMENTS: Final = Form(allows=frozenset([COMMENT]))
JSONC: Final = Form(allows=frozenset([COMMENT, COMMA]))
TOML: Final = Form("toml")
YAML: Final = Form("yaml")


class Document(Protocol):
    """A parsed file. It is never changed: each change gives a new one, whose bytes differ in our own entry alone, and
    the same one where nothing is to be done."""

    @property
    def where(self) -> str:
        """The file's path, for messages."""

    @property
    def empty(self) -> bool:
        """Whether it holds nothing."""

    @property
    def value(self) -> Any:
        """The whole as plain data; None where it is empty."""

    @property
    def content(self) -> bytes:
        """The file's bytes."""

    def get(self, *path: str) -> object:
        """The value at a path of names, None where there is none."""

    def set(self, path: tuple[str, ...], value: object) -> Document:
        """With the member at ``path`` set, missing parents made.

        Raises:
            FileProblem: a parent is of another kind, or the result could not be verified.
        """

    def append(self, path: tuple[str, ...], value: object) -> Document:
        """With an element added at the end of the list at ``path``, which is made where it is missing."""

    def remove(self, path: tuple[str, ...]) -> Document:
        """Without the member at ``path``."""

    def remove_item(self, path: tuple[str, ...], index: int) -> Document:
        """Without one element of the list at ``path``."""
