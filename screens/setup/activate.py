"""Step 6: a name, where the secret is kept, which clients; the change is seen before it is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.setup import keeping, places
from wizard.setup.draft import ClientChoice, Draft

from .. import clients_text
from ..picking import Picking
from ..widgets.inputs import Line
from ..widgets.keybar import Key
from ..widgets.rows import GAP, Row, Rows, numbered, row
from ..words import mark_of, plain, say
from .base import ANOTHER, BACK, FINISH, SIBLING, Outcome, StepScreen

if TYPE_CHECKING:
    from wizard.entries import EntryPlan
    from wizard.setup import SetupReport


class ActivateStep(StepScreen, Picking):
    """Tick clients, see what would be written, write it; then what came of it and what to do next."""

    CSS_PATH = "activate.tcss"
    STEP = "activate"
    MAIN_LABEL = "write"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "Take back", show=False, id="activate.undo"),
        Binding("k", "store", "Where it is kept", show=False, id="activate.store"),
        Binding("a", "another", "Another environment", show=False, id="activate.another"),
        Binding("s", "sibling", "Another one of its list", show=False, id="activate.sibling"),
    ]

    def compose_main(self) -> ComposeResult:
        self._stores: tuple[tuple[str, str, str], ...] = ()
        self._report: SetupReport | None = None
        self._writing = self._taken_back = False
        with Vertical(id="question"):
            yield Static("Call it", classes="label", markup=False)
            yield Line(setup.name_of(self.draft), id="field-name")
            yield from self.compose_list("Use it in")
            yield Static("", id="kept", markup=False)
            yield Static("", id="change", markup=False)
        yield Rows(id="result")

    def on_mount(self) -> None:
        """Show the clients; the change and the stores are worked out beside."""
        chosen = {_key(c): c for c in self.draft.clients}
        plan = setup.plan(self.draft)
        offered = self.work.places()
        plan, speaks = setup.plan(self.draft), setup.choice(self.draft).speaks
        self._hows = {key: c.how for key, c in chosen.items() if c.how}
        ticked = set(chosen) or set(places.first_choice(offered, plan, speaks))
        self.offer(places.offer(offered, plan, speaks, ticked), ticked)
        self.show_keys()
        self.preview()
        self.run_worker(self._find_stores(), group="stores", exclusive=True, description="")

    def more_keys(self) -> tuple[Key, ...]:
        if self._report is not None:
            undo = (Key("u", "undo", "screen.undo"),) if self._written() else ()
            sibling = (Key("s", "another server", "screen.sibling"),) if self._listed() else ()
            return (*undo, *sibling, Key("a", "add one", "screen.another"))
        return (
            Key("Space", "tick"),
            Key("h", "how", "screen.how"),
            Key("k", "store", "screen.store"),
        )

    _report: SetupReport | None = None
    _taken_back = False

    def keys(self) -> tuple[Key, ...]:
        if self._report is not None:
            return (
                Key("Esc", "home", "screen.back"),
                *self.more_keys(),
                Key("F1", "about", "screen.guide"),
                Key("Enter", "done", "screen.go", main=True),
            )
        if found := self.filter_keys():
            return found
        return (
            Key("Esc", "back", "screen.back"),
            *self.more_keys(),
            Key("F1", "about", "screen.guide"),
            Key("/", "find", "screen.filter"),
            Key("Enter", self._enter(), "screen.go", main=True),
        )

    def _enter(self) -> str:
        """What Enter does now."""
        if not len(self.query("#clients")):
            return "save"
        if says := self.enter_says():
            return says
        ticked = len(self.clients.ticked)
        return f"write {ticked} {'file' if ticked == 1 else 'files'}" if ticked else "save, write no file"

    def picking(self) -> bool:
        return self._offer is not None and self._report is None

    def planned(self) -> EntryPlan:
        return setup.plan(self.draft)

    def collect(self) -> Draft:
        draft = self.draft
        name = self.query_one("#field-name", Line).value.strip()
        if name != setup.name_of(draft):
            draft = setup.with_name(draft, name)
        return setup.with_clients(draft, self.all_picked())

    def preview(self) -> None:
        """What stands beside is worked out anew."""
        # a coroutine made for a worker that is replaced at once would never be awaited
        self.run_worker(self._show_change, group="change", exclusive=True, description="")  # type: ignore[arg-type]  # its overloads see no result in None

    async def _show_change(self) -> None:
        place = self.clients.place
        if place is None:
            self.show_others()
            return
        draft = setup.with_clients(self.collect(), (self.picked(place),))
        try:
            (change,) = await asyncio.to_thread(setup.previews, draft)
            replaces = await asyncio.to_thread(setup.replaced, draft)
        except AuthwizardError as error:
            self.show_refusal(place, error)
            return
        self.show_change(place, change)
        if replaces:
            self.say_problem(replaces)

    async def _find_stores(self) -> None:
        try:
            async with asyncio.timeout(5):
                self._stores = await asyncio.to_thread(self.work.stores)
        except TimeoutError:
            self._stores = ()
            self.query_one("#kept", Static).update("The system's keyring does not answer.")
            return
        self._show_store()

    def _show_store(self) -> None:
        says = self.work.short(keeping.says(self.draft, self._stores))
        self.query_one("#kept", Static).update(plain(says, "$muted"))

    def action_store(self) -> None:
        """The next store that can be used."""
        usable = [s[0] for s in self._stores if not s[2]]
        if not usable or self._report is not None:
            return
        now = self.draft.store or usable[0]
        follow = usable[(usable.index(now) + 1) % len(usable)] if now in usable else usable[0]
        self.draft = setup.with_store(self.draft, follow)
        self._show_store()

    def action_go(self) -> None:
        if self._report is not None:
            self.dismiss(Outcome(FINISH, self.draft))
            return
        if self._writing:
            return
        if self.filter_keys():
            self.clients.focus()
            return
        draft = self.collect()
        if found := self.check(draft):
            self.complain(found)
            return
        if clash := setup.taken(draft):
            self.say_problem(clash)
            self.query_one("#field-name", Line).focus()
            return
        self._writing = True
        self.uncover()
        self.say_problem("")
        self.query_one("#change", Static).update("Writing, reading back and testing what was written ...")
        self.run_worker(self._write(draft), group="write", exclusive=True, description="")

    async def _write(self, draft: Draft) -> None:
        try:
            prover = await asyncio.to_thread(self.work.prover)
            report = await setup.activate(draft, prover)
            await asyncio.to_thread(self.work.finished, draft)
        except AuthwizardError as error:
            self._writing = False
            self.say_problem(clients_text.refused(error))
            self.preview()
            return
        self.draft = draft
        self._report = report
        self._writing = False
        self.query_one("#question").display = False
        done = zip(self._titles(), report.exports, strict=True)
        self.show_panel(clients_text.changes(done, self.work.short))
        self._say(self._result(report))

    def _say(self, rows: list[Row]) -> None:
        """What came of it, where it is seen."""
        self.uncover()
        self.query_one("#result", Rows).show(rows)
        self.query_one("#result").add_class("-shown")
        self.show_keys()
        self.set_focus(None)

    def _result(self, report: SetupReport) -> list[Row]:
        rows = [row(f"{report.connection} is set up.", "bold", prefix=mark_of("works"))]
        rows += [
            row(f"{kept.field}: {self.work.short(kept.kept_in)}", "$muted", indent=2)
            for kept in report.secrets
        ]
        sentence = self.draft.service.first_sentence if self.draft.service else ""
        for title, one in zip(self._titles(), report.exports, strict=True):
            rows += [GAP, *clients_text.exported(title, one, self.work.short(str(one.change.path)))]
            rows += numbered(clients_text.acts(one, sentence), indent=4)
        if not report.exports:
            rows += [GAP, row("No client was chosen: `authwizard export` writes one later.")]
        service = self.draft.service.title if self.draft.service else "it"
        rows += [GAP, row(f"Another tenant or environment of {service}? a sets it up beside this one.")]
        if self._listed():
            rows.append(row("Another server behind it? s keeps all the rest."))
        return rows

    def _titles(self) -> list[str]:
        """What was chosen, as it was called in the list."""
        titles = {_key(p.choice): p.title for p in self._offer.every} if self._offer else {}
        return [titles.get(_key(choice), choice.client) for choice in self.draft.clients]

    def _listed(self) -> bool:
        return setup.chosen_from_list(self.draft) is not None

    def _written(self) -> bool:
        """Whether there is something to take back."""
        exports = self._report.exports if self._report is not None else ()
        return not self._taken_back and any(e.change.path and e.change.changed for e in exports)

    def action_undo(self) -> None:
        """Take back what was written into the clients' files; the connection stays."""
        if self._written() and not self._writing:
            self._writing = True
            self.run_worker(self._take_back(), group="write", exclusive=True, description="")

    async def _take_back(self) -> None:
        from wizard.taking_back import take_back

        if self._report is None:
            return
        exports = zip(self._titles(), self._report.exports, strict=True)
        written = [(title, e.change) for title, e in exports if e.change.path and e.change.changed]
        done = await asyncio.to_thread(take_back, [change for _, change in written])
        self._writing, self._taken_back = False, True
        shown = [title for title, _ in written]
        files = [self.work.short(str(one.change.path)) for one in done]
        rows = [row("Taken back", "bold"), *clients_text.taken_back(done, shown, files), GAP]
        says = f"{self._report.connection} is still set up: m on the home screen shows, uses or removes it."
        self.show_panel([])
        self._say([*rows, row(says)])

    def leave(self) -> None:
        if self._writing:
            self.say_problem(say("What is being written is written whole first."))
            return
        if self._report is not None:
            self.dismiss(Outcome(FINISH, self.draft))
            return
        if not self.unfiltered():
            self.dismiss(Outcome(BACK, self.collect()))

    def action_another(self) -> None:
        """The same service again, for another environment or tenant."""
        if self._report is not None:
            self.dismiss(Outcome(ANOTHER, self.draft))

    def action_sibling(self) -> None:
        """The same again for another one of the service's list, such as a server behind a gateway."""
        if self._report is not None and self._listed():
            self.dismiss(Outcome(SIBLING, self.draft))


def _key(choice: ClientChoice) -> str:
    return f"{choice.client} {'project' if choice.project else 'own'}"
