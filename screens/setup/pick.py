"""A short list on a screen of its own: one of it, or none, is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.widgets.option_list import Option

from ..widgets.keybar import Key, KeyBar
from ..widgets.lists import Choice
from ..words import one_line, pad, plain, say


@dataclass(frozen=True, slots=True)
class Pick:
    """One answer: its value, its title, and a note; ``shut`` is why it cannot be chosen."""

    value: str
    title: str
    note: str = ""
    shut: str = ""


class PickScreen(Screen[str | None]):
    """Enter answers with the value, Esc with None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", show=False)]

    def __init__(self, question: str, picks: Sequence[Pick], start: str = "") -> None:
        super().__init__()
        self._question, self._picks, self._start = question, tuple(picks), start

    def compose(self) -> ComposeResult:
        yield Static(say(self._question), classes="title", markup=False)
        width = min(max((len(p.title) for p in self._picks), default=0), 32)
        with VerticalScroll(classes="main", can_focus=False):
            yield Choice(
                *(self._option(n, p, width) for n, p in enumerate(self._picks)),
                id="picks",
                start=next((str(n) for n, p in enumerate(self._picks) if p.value == self._start), None),
            )
        yield KeyBar(Key("Esc", "back", "screen.leave"), Key("Enter", "take it", main=True))

    @staticmethod
    def _option(number: int, pick: Pick, width: int) -> Option:
        title = plain(pad(pick.title, width), "" if pick.shut else "bold")
        note = plain(one_line(f"  {pick.shut or pick.note}"), "$muted")
        return Option(Content.assemble(title, note), id=str(number), disabled=bool(pick.shut))

    def on_mount(self) -> None:
        """The list has the focus."""
        self.query_one("#picks", Choice).focus()

    def on_option_list_option_selected(self, event: Choice.OptionSelected) -> None:
        """Enter takes it."""
        self.dismiss(self._picks[int(event.option_id or 0)].value)

    def action_leave(self) -> None:
        """None of them."""
        self.dismiss(None)
