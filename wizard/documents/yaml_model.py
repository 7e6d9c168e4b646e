"""What a scan of a YAML file finds. Positions are indices into the text; columns count from 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MAP: Final = "map"
SEQ: Final = "seq"
SCALAR: Final = "scalar"
ALIAS: Final = "alias"


class YamlError(Exception):
    """The text is not one YAML document: ``says`` is a sentence, ``at`` the index, ``kind`` a short id."""

    def __init__(self, says: str, at: int, kind: str = "syntax") -> None:
        super().__init__(says)
        self.says = says
        self.at = at
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Item:
    """One member or element. ``start`` of its key (of its dash, or of its value in a flow list), ``key_end`` after the
    colon or the dash (-1: a key without a colon), ``value`` and ``end`` of its value: both stand at ``key_end`` where
    it is empty. ``column`` of the value where that is a block collection without properties, else -1."""

    key: str | None
    start: int
    key_end: int
    value: int
    end: int
    kind: str
    flow: bool
    column: int


@dataclass(frozen=True, slots=True)
class Container:
    """A mapping or a list. ``open`` and ``close`` are the indices of its marks in flow style, else of its first
    character and its end. ``outer`` is the column of the block collection around it, -1 at the top."""

    array: bool
    flow: bool
    open: int
    close: int
    column: int
    outer: int
    items: tuple[Item, ...]

    def item(self, key: str) -> Item | None:
        """The member with this key."""
        return next((i for i in self.items if i.key == key), None)


@dataclass(frozen=True, slots=True)
class Habits:
    """How the file indents: members under their key, a list under its key, and from a dash to what follows; None
    where it shows none."""

    member: int | None
    dash: int | None
    gap: int | None


@dataclass(frozen=True, slots=True)
class Scan:
    """``value`` is the parsed document, ``empty`` that there is none. ``containers`` holds those on the path that was
    asked for. ``stop`` is where the document ends. ``aliases`` holds the index of each with that of its anchor."""

    value: object
    empty: bool
    containers: Mapping[tuple[str, ...], Container]
    habits: Habits
    stop: int
    aliases: tuple[tuple[int, int], ...]
