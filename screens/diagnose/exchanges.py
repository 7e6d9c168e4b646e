"""The exchanges of a diagnosis, one key away from its findings."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ..widgets.keybar import Key, KeyBar


class ExchangesScreen(Screen[None]):
    """Text that scrolls, closed by Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,e", "app.pop_screen", "Back", show=False)]

    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content

    def compose(self) -> ComposeResult:
        yield Static("Exchanges, with secrets taken out", classes="title", markup=False)
        with VerticalScroll(classes="main"):
            yield Static(self._content, markup=False)
        yield KeyBar(Key("Esc", "back", "app.pop_screen", main=True))
