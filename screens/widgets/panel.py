"""The side panel: a guide or a detail beside the question. From 100 columns always there, below with F1."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static


class Panel(VerticalScroll, can_focus=True):
    """Text that scrolls; the screen's classes decide when it is seen."""

    DEFAULT_CSS = """
    Panel { width: 42; height: 1fr; padding: 0 1; border-left: solid $panel-lighten-2; background: transparent; }
    Panel:focus { border-left: solid $accent; }
    Panel.-ascii { border-left: ascii $panel-lighten-2; }
    Panel Static { height: auto; }
    """

    def __init__(self, content: Content | str = "", *, id: str = "panel") -> None:
        super().__init__(id=id)
        self._content = content

    def compose(self) -> ComposeResult:
        yield Static(self._content, id="panel-text", markup=False)

    def show(self, content: Content) -> None:
        """Show this from its top."""
        if self._content == content:
            return
        self._content = content
        if self.is_mounted:
            self.query_one("#panel-text", Static).update(content)
            self.scroll_home(animate=False)
