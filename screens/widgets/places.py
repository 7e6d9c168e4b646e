"""The list of clients that an entry can be written into: those at hand first, the others behind one row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.widgets import OptionList

from ..words import one_line, pad, plain
from .lists import Tick, Ticks

if TYPE_CHECKING:
    from wizard.setup.places import Offer, Place

OTHERS: Final = "others"
_TITLE: Final = 34


class Places(Ticks):
    """Ticks of an `Offer`. What is ticked stays ticked while it is folded or filtered away."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._offer: Offer | None = None
        self._notes: Mapping[str, str] = {}
        self._on: set[str] = set()
        self._open = False
        self._wanted = ""

    def offer(self, offer: Offer, ticked: Collection[str], notes: Mapping[str, str] | None = None) -> None:
        """Show these. ``notes`` is what stands behind a title, by a place's id."""
        self._offer, self._on, self._notes = offer, set(ticked) - set(offer.shut), notes or {}
        self._open = self._open or not offer.first
        self._draw()
        self.point_at(next((p.id for p in offer.every if p.id in self._on), None))

    @property
    def ticked(self) -> tuple[str, ...]:
        """The ids that are ticked, in order, whether they are shown or not."""
        return tuple(p.id for p in self._offer.every if p.id in self._on) if self._offer else ()

    @property
    def place(self) -> Place | None:
        """The highlighted one."""
        return self._offer.get(self.chosen) if self._offer else None

    @property
    def matches(self) -> int:
        """How many are shown of what was asked for."""
        return sum(1 for line in self._ticks.values() if not line.fold)

    def filter(self, text: str) -> None:
        """Show only what has this in it; an empty text shows all as before."""
        self._wanted = text
        self._draw()

    def toggle(self) -> None:
        """Show the others, or fold them again."""
        self._open = not self._open
        self._draw()

    def action_tick(self) -> None:
        """Tick or untick; on the row of the others, show or fold them."""
        if self.chosen_is_fold():
            self.toggle()
            return
        where = self.chosen
        if where is not None:
            self._on ^= {where}
        super().action_tick()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on the row of the others is not meant for the whole screen."""
        if event.option_id == OTHERS:
            event.stop()
            self.toggle()

    def _draw(self) -> None:
        if self._offer is None:
            return
        offer = self._offer
        if self._wanted.strip():
            self.lines([self._line(p) for p in offer.matching(self._wanted)])
            return
        lines = [self._line(p) for p in offer.first]
        if offer.others:
            label = plain(offer.says)
            lines.append(Tick(OTHERS, label, fold="▾" if self._open else "▸"))
        if self._open:
            lines += [self._line(p) for p in offer.others]
        self.lines(lines)

    def _line(self, place: Place) -> Tick:
        offer = self._offer
        shut = offer.shut.get(place.id, "") if offer else ""
        width = min(max((len(p.title) for p in offer.every), default=0), _TITLE) if offer else 0
        note = self._notes.get(place.id, "") or shut or ("" if place.found else "not found here")
        title = pad(place.title, width) if note else one_line(place.title)
        label = Content.assemble(title, (f"  {one_line(note)}" if note else "", "$muted"))
        return Tick(place.id, label, place.id in self._on, disabled=bool(shut))
