"""Where to save a case, asked in one line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard.errors import FileProblem

from .. import jobs
from ..jobs import Looked
from ..widgets.inputs import Line
from ..widgets.keybar import Key, KeyBar
from ..words import mark, plain

_SAYS = (
    "The case holds what was asked and answered, so that somebody else can judge it without your network: addresses, "
    "names, the token's claims. No secret stands in it."
)


def proposed(target: str) -> str:
    """A file's name for the case of this target, in the working folder."""
    word = re.sub(r"[^A-Za-z0-9.-]+", "-", target.partition("://")[2] or target).strip("-.")[:40]
    return f"case-{word or 'draft'}.json"


class SaveScreen(Screen[Path | None]):
    """Enter writes the file and closes with its path; Esc writes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", show=False)]

    def __init__(self, looked: Looked) -> None:
        super().__init__()
        self._looked = looked

    def compose(self) -> ComposeResult:
        yield Static("Save the case", classes="title", markup=False)
        with Vertical(classes="main"):
            yield Static(_SAYS, markup=False)
            yield Line(proposed(self._looked.diagnosis.target), placeholder="a file", id="path")
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(Key("Esc", "back", "screen.dismiss(None)"), Key("Enter", "save", main=True))

    def on_mount(self) -> None:
        """The name can be changed at once."""
        self.query_one(Line).focus()

    def on_input_submitted(self, event: Line.Submitted) -> None:
        """Enter: write it."""
        path = Path(event.value.strip()).expanduser()
        try:
            jobs.save_case(self._looked, path)
        except FileProblem as problem:
            says = " ".join(filter(None, (problem.title, problem.detail)))
            line = self.query_one("#problem", Static)
            line.update(Content.assemble(mark("broken", word=False), " ", plain(says)))
            line.set_class(True, "-shown")
            return
        self.dismiss(path)
