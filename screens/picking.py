"""What two screens share: clients that are ticked in a list, filtered, and looked at before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard.setup import places

from . import clients_text
from .widgets.inputs import Line
from .widgets.keybar import Key
from .widgets.places import Places
from .widgets.rows import GAP, Row, row
from .words import mark, plain

if TYPE_CHECKING:
    from wizard.change import Change
    from wizard.entries import EntryPlan
    from wizard.errors import AuthwizardError
    from wizard.setup.draft import ClientChoice
    from wizard.setup.places import Offer, Place


class Picking(Screen[Any]):
    """A screen with the list ``#clients``; it stands behind the class that says what becomes of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "how", "How the secret is found", show=False, id="clients.how"),
        Binding("slash", "filter", "Find a client", show=False, id="clients.filter"),
    ]
    _offer: Offer | None = None

    def picking(self) -> bool:
        """Whether the list is what the person looks at."""
        return self._offer is not None

    def planned(self) -> EntryPlan:
        """The entry that would be written."""
        raise NotImplementedError

    def preview(self) -> None:
        """Show what the highlighted client is, and what would be written there."""

    def show_keys(self) -> None:
        """The last line anew."""

    def say_problem(self, says: str) -> None:
        """A sentence above the keys."""

    def show_panel(self, rows: Iterable[Row]) -> None:
        """What stands beside."""

    def action_go(self) -> None:
        """What Enter does."""

    def short(self, text: str) -> str:
        """Paths as a person writes them."""
        from .setup.work import shortened

        return shortened(text)

    def compose_list(self, label: str) -> ComposeResult:
        """The list with its filter, and what would be written."""
        with Vertical(id="picked"):
            yield Static(plain(label), classes="label", id="clients-label", markup=False)
            line = Line(id="filter", placeholder="a part of its name")
            line.display = False
            yield line
            yield Places(id="clients")

    def offer(self, offer: Offer, ticked: Iterable[str], notes: dict[str, str] | None = None) -> None:
        """Show these, and go there."""
        self._offer = offer
        self._hows: dict[str, str] = getattr(self, "_hows", {})
        clients = self.query_one("#clients", Places)
        clients.offer(offer, set(ticked), notes)
        clients.focus()

    @property
    def clients(self) -> Places:
        """The list."""
        return self.query_one("#clients", Places)

    def picked(self, place: Place) -> ClientChoice:
        """A place with the way that was chosen for it."""
        return replace(place.choice, how=self._hows.get(place.id) or place.choice.how)

    def all_picked(self) -> tuple[ClientChoice, ...]:
        """Those that are ticked."""
        found = (self._offer.get(id) for id in self.clients.ticked) if self._offer else ()
        return tuple(self.picked(place) for place in found if place)

    def filter_keys(self) -> tuple[Key, ...]:
        """The keys while the filter is typed; none otherwise."""
        if self.focused is None or self.focused.id != "filter":
            return ()
        return (Key("Esc", "show all", "screen.back"), Key("Enter", "to the list", "screen.go", main=True))

    def enter_says(self) -> str:
        """What Enter does where it does not write; empty where it does."""
        return "show or fold" if self.clients.has_focus and self.clients.chosen_is_fold() else ""

    def show_others(self) -> None:
        """Beside the row that stands for others."""
        self.query_one("#change", Static).update("")
        self.show_panel([row("Others", "bold"), row("Enter shows them, or folds them again. / finds one.")])

    def show_change(self, place: Place, change: Change) -> None:
        """What a place is, and what would be written there."""
        where = self.short(str(change.path)) if change.path else "shown, not written"
        added = sum(t.startswith("+") and not t.startswith("+++") for t in change.diff.splitlines())
        if change.path:
            where = f"{where}  {f'+{added} lines' if change.changed else 'already the same'}"
        facts = places.facts(place, self.planned(), change)
        how = dict(facts.ways).get(change.how, "")
        way = " (h: another way)" if how and len(facts.ways) > 1 else ""
        says = f"Secret: {how}{way}." if how else ""
        self.query_one("#change", Static).update(
            Content.assemble(plain(where, "bold"), "\n" if says else "", plain(says))
        )
        shown = clients_text.diff(self.short(change.diff or change.text or ""))
        self.show_panel([*clients_text.about(facts, where), GAP, row("What changes", "bold"), *shown])

    def show_refusal(self, place: Place, error: AuthwizardError) -> None:
        """Why nothing can be written there, and the entry to be put in by hand."""
        says = self.short(clients_text.refused(error))
        hint = " F1 shows the entry." if error.snippet and not self.has_class("-wide") else ""
        self.query_one("#change", Static).update(
            Content.assemble(mark("broken", word=False), " ", plain(f"{says}{hint}"))
        )
        about = clients_text.about(places.facts(place, self.planned()), "")
        # where both are seen, it is said once
        first = [] if self.has_class("-wide") else [row(says, "$text-warning"), GAP]
        snippet = clients_text.by_hand(error.snippet)
        self.show_panel([*first, *snippet, *([GAP] if snippet else []), *about])

    def on_option_list_option_highlighted(self) -> None:
        """What stands beside is the highlighted client's."""
        if self.picking():
            self.preview()
            self.show_keys()

    def on_descendant_focus(self) -> None:
        """Another place, another thing that Enter does."""
        self.show_keys()

    def on_ticks_changed(self) -> None:
        """The number of files that would be written."""
        self.show_keys()

    def on_option_list_option_selected(self) -> None:
        """Enter writes."""
        self.action_go()

    def on_input_changed(self, event: Line.Changed) -> None:
        """What is typed into the filter is looked for; another name is another entry."""
        self.say_problem("")
        if event.input.id == "filter":
            self.clients.filter(event.value)
            if not self.clients.matches:
                self.say_problem(f"No client is called `{event.value.strip()}`. Esc shows all.")
        if self.picking():
            self.preview()

    def on_input_submitted(self, event: Line.Submitted) -> None:
        """Enter writes; in the filter it goes to the list. The key bar says so."""
        if event.input.id == "filter":
            self.clients.focus()
        else:
            self.action_go()

    def action_filter(self) -> None:
        """Type a part of a client's name."""
        if self.picking():
            line = self.query_one("#filter", Line)
            line.display = True
            line.focus()

    def unfiltered(self) -> bool:
        """Whether there was a filter, which is gone now."""
        line = self.query_one("#filter", Line)
        if not line.display:
            return False
        line.value, line.display = "", False
        self.clients.filter("")
        self.clients.focus()
        return True

    def action_how(self) -> None:
        """The next way for the highlighted client to find the secret."""
        place = self.clients.place
        if place is None or not self.picking():
            return
        ways = places.ways(place.choice.client, self.planned())
        if not ways:
            return
        now = self._hows.get(place.id, ways[0])
        self._hows[place.id] = ways[(ways.index(now) + 1) % len(ways)] if now in ways else ways[0]
        self.preview()
