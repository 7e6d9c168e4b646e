"""What a client's file holds after a change, and how that is shown: the file's bytes, and a diff without a secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .. import preview
from ..documents import Document

if TYPE_CHECKING:
    from .model import Edit


@dataclass(frozen=True, slots=True)
class Composed:
    """``after`` is the new file. ``text`` is what is answered instead where there is no file. Neither ``diff`` nor
    ``text`` holds a secret. ``replaces`` is what stood at each place that changes, as it stood (it may hold secrets);
    None where that is not known."""

    after: bytes = field(repr=False)
    diff: str
    text: str | None = None
    replaces: tuple[object, ...] | None = field(repr=False, default=None)


def merged(
    document: Document, edits: Sequence[Edit], shown: Sequence[Edit], before: bytes | None
) -> Composed:
    """A JSON document with its edits; ``shown`` are the same ones with their secrets masked."""
    after, parts = document, []
    for edit, masked in zip(edits, shown, strict=True):
        once = edit.apply(after)
        if once is not after:
            label, name = ".".join(edit.path), edit.path[-1]
            held = None if edit.append else document.get(*edit.path)
            old = preview.pretty(name, preview.masked(held, preview.texts(masked.value)))
            new = preview.pretty(name, [masked.value] if edit.append else masked.value)
            parts.append(preview.diff(Path(document.where), label, old, new, existed=before is not None))
        after = once
    content = before if after is document and before is not None else after.content
    header, *_ = parts or [""]
    rest = "".join("".join(p.splitlines(keepends=True)[2:]) for p in parts[1:])
    replaces = tuple(None if edit.append else document.get(*edit.path) for edit in edits)
    return Composed(content, header + rest, None, replaces)


def taken_out(document: Document, rest: Document, path: tuple[str, ...], before: bytes | None) -> Composed:
    """A JSON document without the entry at a path; ``rest`` is the document as it is then."""
    if rest is document:
        return Composed(before if before is not None else document.content, "")
    held = document.get(*path)
    old = preview.pretty(path[-1], preview.masked(held, frozenset()))
    shown = preview.diff(Path(document.where), ".".join(path), old, [], existed=True)
    return Composed(rest.content, shown, None, (held,))
