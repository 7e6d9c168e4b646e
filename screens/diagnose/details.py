"""What lies behind a diagnosis, a key each: exchanges, token, permissions, files, the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import Row, Rows
from ..words import plain


@dataclass(frozen=True, slots=True)
class Sheet:
    """One of them: the letter that opens it, its title, what stands on it."""

    key: str
    title: str
    rows: tuple[Row, ...]


class DetailsScreen(Screen[None]):
    """Sheets under one title line; a letter or an arrow turns to another, Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", show=False),
        Binding("right,tab", "turn(1)", "Next sheet", show=False),
        Binding("left,shift+tab", "turn(-1)", "Sheet before", show=False),
    ]

    def __init__(self, sheets: Sequence[Sheet], first: str = "") -> None:
        super().__init__()
        self._sheets = tuple(sheets)
        self._at = next((n for n, s in enumerate(self._sheets) if s.key == first), 0)

    def compose(self) -> ComposeResult:
        yield Static("", classes="title", id="sheets", markup=False)
        with VerticalScroll(classes="main"):
            yield Rows(id="sheet")
        turn = (Key("← →", "another", "screen.turn(1)"),) if len(self._sheets) > 1 else ()
        yield KeyBar(*turn, Key("Esc", "back", "app.pop_screen", main=True))

    def on_mount(self) -> None:
        """Show the first one."""
        self.query_one(VerticalScroll).focus()
        self._show()

    def on_key(self, event: events.Key) -> None:
        """The letter of a sheet turns to it; that of the one that is open closes it."""
        found = next((n for n, s in enumerate(self._sheets) if s.key == event.key), None)
        if found is None:
            return
        event.stop()
        if found == self._at:
            self.app.pop_screen()
        else:
            self._at = found
            self._show()

    def action_turn(self, by: int) -> None:
        """Turn to the next one, or the one before."""
        self._at = (self._at + by) % len(self._sheets)
        self._show()

    def _show(self) -> None:
        open_ = self._sheets[self._at]
        names = [
            Content.assemble(
                plain(s.key, "bold $text-accent"),
                " ",
                plain(s.title, "bold underline" if s is open_ else "$muted"),
            )
            for s in self._sheets
        ]
        title = Content("   ").join(names) if len(names) > 1 else plain(open_.title)
        self.query_one("#sheets", Static).update(title)
        self.query_one("#sheet", Rows).show(open_.rows)
        self.query_one(VerticalScroll).scroll_home(animate=False)
