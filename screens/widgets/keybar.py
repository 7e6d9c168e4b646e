"""The last line of every screen: which keys do what, the main one at the right end."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from ..words import say


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is printed, what it does in a word or two, and the action that a click runs."""

    key: str
    label: str
    action: str = ""
    main: bool = False


class KeyBar(Widget):
    """One line of keys. What does not fit is left out from the right, the main key last."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $foreground; }
    KeyBar { link-color: $foreground; link-style: none; link-background: $panel; }
    """

    def __init__(self, *keys: Key, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keys = keys

    def show(self, *keys: Key) -> None:
        """Show these keys from now on."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> Content:
        width = max(self.size.width, 10)
        main = [self._one(k) for k in self._keys if k.main]
        others = [self._one(k) for k in self._keys if not k.main]
        right = Content("  ").join(main) if main else Content("")
        left = Content("")
        for item in others:
            longer = Content.assemble(left, "  ", item) if left.plain else item
            if longer.cell_length + right.cell_length + 1 > width:
                break
            left = longer
        gap = max(width - left.cell_length - right.cell_length, 1)
        return Content.assemble(left, " " * gap, right)

    @staticmethod
    def _one(key: Key) -> Content:
        label = Content(say(key.label))
        if key.action:
            label = label.stylize(Style.from_meta({"@click": key.action}))
        return Content.assemble((say(key.key), "bold $text-accent"), " ", label)
