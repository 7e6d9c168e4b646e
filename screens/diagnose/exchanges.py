"""The exchanges of a diagnosis, one key away from its findings."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import Row, Rows


class ExchangesScreen(Screen[None]):
    """Text that scrolls, closed by Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,e", "app.pop_screen", "Back", show=False)]

    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self._shown = rows

    def compose(self) -> ComposeResult:
        yield Static("Exchanges, with secrets taken out", classes="title", markup=False)
        with VerticalScroll(classes="main"):
            yield Rows(self._shown)
        yield KeyBar(Key("Esc", "back", "app.pop_screen", main=True))
