"""The address of a login as a QR code, on a screen of its own."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from ..widgets.keybar import Key, KeyBar
from ..words import plain, plain_ascii, say


class ScanScreen(Screen[None]):
    """The code, or the sentence that says what it would need."""

    CSS = """
    ScanScreen #code { width: auto; height: auto; background: white; color: black; }
    ScanScreen #says { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "app.pop_screen", "Back", show=False),
    ]

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="main"):
            yield Static("", id="says", markup=False)
            yield Static("", id="code", markup=False)
        yield KeyBar(Key("Esc", "back", "app.pop_screen", main=True))

    def on_resize(self, _: events.Resize) -> None:
        """It is shown whole or not at all: half a code is no code."""
        from wizard.qr import fits, qr

        code = "" if plain_ascii() else qr(self._address, on_dark=False)
        columns, lines = self.app.size.width - 2, self.app.size.height - 2
        whole = fits(code, columns, lines)
        says = "Scan this with the device that you log in on." if whole else self._why(code)
        self.query_one("#says", Static).update(plain(says))
        self.query_one("#code", Static).update(plain(code if whole else ""))
        self.query_one("#code").display = whole

    def _why(self, code: str) -> str:
        if plain_ascii():
            return say(
                "This terminal draws ASCII only, and a QR code needs blocks. c copies the address instead."
            )
        if not code:
            return "The address is longer than a QR code can hold. c copies it instead."
        rows = code.split("\n")
        need = f"{len(rows[0]) + 2} columns and {len(rows) + 2} lines"
        has = f"{self.app.size.width} and {self.app.size.height}"
        return f"The code needs a terminal of {need}; this one has {has}. Make it larger, or the letters smaller."
