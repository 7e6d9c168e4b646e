"""Input fields; the one for secrets never shows and never copies what it holds."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.widgets import Input

from wizard.secret import Secret

from ..words import plain_ascii, say

LONGEST = 200_000
"""Characters that a field takes: of more it would draw for seconds, and no credential is so long."""


class Line(Input):
    """A one-row text field."""

    DEFAULT_CSS = """
    Line { background: $panel; }
    Line.-textual-compact { height: 1; padding: 0 1; }
    Line:focus { background: $primary 30%; }
    """

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=say(placeholder), id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def fill(self, secret: Secret) -> None:
        """Take a value over without it passing through a screen's hands."""
        self.value = secret.reveal()
        self.action_end()

    def _on_paste(self, event: events.Paste) -> None:
        # the parent keeps the first line only: a token that was broken over two lines would be cut in silence
        if len(event.text) + len(self.value) > LONGEST:
            says = f"That has {len(event.text):,} characters, more than a field takes."
            self.notify(
                f"{says} If it is a credential, keep it in a file, and type file:PATH.", severity="warning"
            )
        elif event.text:
            self.replace(event.text, *sorted(self.selection))
        event.stop()
        event.prevent_default()


class SecretLine(Line):
    """A field for a secret: always masked; copy and cut do nothing; its repr holds no value."""

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__("", placeholder=placeholder, id=id)
        self.password = True

    def action_copy(self) -> None:
        raise SkipAction

    def action_cut(self) -> None:
        raise SkipAction

    def watch_password(self, masked: bool) -> None:
        """Nothing unmasks it."""
        if not masked:
            self.password = True

    @property
    def selected_text(self) -> str:
        return ""

    @property
    def _value(self) -> Text:
        dot = "*" if plain_ascii() else "•"
        return Text(dot * len(self.value), no_wrap=True, overflow="ignore", end="")
