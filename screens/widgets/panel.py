"""The side panel: a guide or a detail beside the question. From 100 columns always there, below with F1."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from ..words import plain_ascii
from .rows import Row, Rows


class Panel(VerticalScroll, can_focus=True):
    """Rows that scroll; the screen's classes decide when they are seen."""

    DEFAULT_CSS = """
    Panel { width: 42; height: 1fr; padding: 0 1; border-left: solid $panel-lighten-2; background: transparent; }
    Panel:focus { border-left: solid $accent; }
    Panel.-ascii { border-left: ascii $panel-lighten-2; }
    """

    def __init__(self, rows: Iterable[Row] = (), *, id: str = "panel") -> None:
        super().__init__(id=id)
        self._content = tuple(rows)
        self.set_class(plain_ascii(), "-ascii")

    def compose(self) -> ComposeResult:
        yield Rows(self._content)

    def show(self, rows: Iterable[Row]) -> None:
        """Show these from their top."""
        new = tuple(rows)
        if new == self._content:
            return
        self._content = new
        if self.is_mounted:
            self.query_one(Rows).show(new)
            self.scroll_home(animate=False)
