"""What the screen of one connection says of what belongs to it: its entries, its secrets, its last test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from .widgets.rows import GAP, Row, row
from .words import mark_of, plain

if TYPE_CHECKING:
    from wizard.removal import Part, Renamed


def renamed(old: str, done: Renamed) -> list[Row]:
    """What came of a new name."""
    new = done.connection.name
    rows = [row(f"{old} is now called {new}.", "bold", prefix=mark_of("works"))]
    if done.moved:
        rows += [GAP, row(f"Written anew as {new}", "bold"), *gone(done.moved)]
    if done.stays:
        rows += [GAP, row(f"Still {old}", "bold"), *gone(done.stays)]
    return rows


def gone(parts: tuple[Part, ...]) -> list[Row]:
    """What goes, or stays."""
    return [part_row(p) for p in parts]


def part_row(part: Part) -> Row:
    """One thing, where it is, and why it stays."""
    kind = {"entry": "", "secret": "the secret "}.get(part.kind, "")
    where = f"  {short(part.where)}" if part.kind != "outcome" else ""
    why = f"  ({part.why})" if part.why else ""
    return row(
        Content.assemble(plain(f"{kind}{part.what}"), plain(f"{where}{why}", "$muted")),
        prefix="- ",
    )


def short(path: str) -> str:
    """A path as a person writes it."""
    from .setup.work import shortened

    return shortened(path)
