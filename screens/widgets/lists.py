"""Lists that are chosen from (Enter) and lists that are ticked (Space)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ..words import plain_ascii, say


class Choice(OptionList):
    """A list of one-of-many. It takes its options as content, never as markup."""

    DEFAULT_CSS = """
    Choice { height: auto; background: transparent; border: none; padding: 0; }
    Choice { text-wrap: nowrap; text-overflow: ellipsis; }
    Choice.-ascii { text-overflow: clip; }
    Choice:focus { border: none; background-tint: $foreground 0%; }
    """

    def __init__(self, *options: Option, id: str | None = None, start: str | None = None) -> None:
        super().__init__(*options, id=id, markup=False, compact=True)
        self._start = start
        self.set_class(plain_ascii(), "-ascii")

    def on_mount(self) -> None:
        """Begin at the option that was chosen before, else at the first."""
        self.point_at(self._start)

    def point_at(self, option_id: str | None) -> None:
        """Highlight this option, else the first that can be chosen."""
        for index, option in enumerate(self.options):
            if option.id == option_id and not option.disabled:
                self.highlighted = index
                return
        self.action_first()

    def fill(self, options: Iterable[Option], start: str | None = None) -> None:
        """Replace all options."""
        self.clear_options()
        self.add_options(options)
        self.point_at(start)

    @property
    def chosen(self) -> str | None:
        """The id of the highlighted option."""
        if self.highlighted is None or not 0 <= self.highlighted < self.option_count:
            return None
        return self.get_option_at_index(self.highlighted).id


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of a `Ticks` list; ``open`` shows ``[+]`` where it is not ticked. ``fold`` is the mark of a line that is
    no choice, but stands for others."""

    id: str
    label: Content
    on: bool = False
    disabled: bool = False
    open: bool = False
    fold: str = ""


class Ticks(Choice):
    """A list of many-of-many: Space ticks, Enter goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "tick", "Tick", show=False)]

    class Changed(Message):
        """A line was ticked or unticked."""

        def __init__(self, ticks: Ticks, id: str, on: bool) -> None:
            super().__init__()
            self.ticks = ticks
            self.tick_id = id
            self.on = on

        @property
        def control(self) -> Ticks:
            """The list."""
            return self.ticks

    def chosen_is_fold(self) -> bool:
        """Whether the highlighted line stands for others."""
        return bool(self.chosen and self._ticks[self.chosen].fold)

    def __init__(self, *lines: Tick, id: str | None = None) -> None:
        self._ticks = {line.id: line for line in lines}
        super().__init__(*(_option(line) for line in lines), id=id)

    @property
    def ticked(self) -> tuple[str, ...]:
        """The ids that are ticked, in order."""
        return tuple(line.id for line in self._ticks.values() if line.on)

    def lines(self, lines: Iterable[Tick]) -> None:
        """Show these lines, keeping the place."""
        where = self.chosen
        new = {line.id: line for line in lines}
        if list(new) == list(self._ticks):
            for line in new.values():
                if line != self._ticks[line.id]:
                    self.replace_option_prompt(line.id, _option(line).prompt)
            self._ticks = new
            return
        self._ticks = new
        self.fill((_option(line) for line in new.values()), where)

    def action_tick(self) -> None:
        """Tick or untick the highlighted line."""
        if (where := self.chosen) is None:
            return
        if self._ticks[where].fold:
            return
        line = replace(self._ticks[where], on=not self._ticks[where].on)
        self._ticks[where] = line
        self.replace_option_prompt(where, _option(line).prompt)
        self.post_message(self.Changed(self, where, line.on))


def _option(line: Tick) -> Option:
    if line.fold:
        return Option(Content.assemble((f"{say(line.fold)}   ", "$text-accent"), line.label), id=line.id)
    box = (
        ("[x] ", "bold $text-success")
        if line.on
        else ("[+] ", "$text-accent")
        if line.open
        else ("[ ] ", "$muted")
    )
    return Option(Content.assemble(box, line.label), id=line.id, disabled=line.disabled)
