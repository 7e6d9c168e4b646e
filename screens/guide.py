"""One rule for a guide that covers the question: Esc and F1 close it before all else, and nothing happens behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from .widgets.panel import Panel

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[Any]
else:
    # Textual looks for a screen's styles along the first base that is a widget: this is to be none
    _Base = object


class Guided(_Base):
    """A screen with a `Panel` that F1 opens; it stands first among the bases. Such a screen says how it is left in
    `leave`, and calls `uncover` before it shows in its body what came of a key."""

    _was: Widget | None = None

    def covered(self) -> bool:
        """Whether the guide stands in the question's place; from 100 columns on it stands beside it."""
        return self.has_class("-guide") and not self.has_class("-wide")

    def uncover(self) -> None:
        """Close the guide where it covers the question."""
        if self.covered():
            self.action_guide()

    def action_guide(self) -> None:
        """Show or hide the guide; the cursor comes back to where it was."""
        panel = self.query_one(Panel)
        self.toggle_class("-guide")
        if self.covered():
            self._was = self.focused
            self.set_focus(panel)
        elif self.focused is panel:
            self.set_focus(self._was)
            self._was = None

    def _on_descendant_focus(self) -> None:
        """What is typed into is seen. What has the focus by now counts: the message may be an old one."""
        if self.covered() and self.focused is not None and not isinstance(self.focused, Panel):
            self.uncover()

    def action_back(self) -> None:
        """Close the guide, or go."""
        if self.covered():
            self.uncover()
        else:
            self.leave()

    def leave(self) -> None:
        """What Esc does where no guide covers the question."""
        self.dismiss(None)
