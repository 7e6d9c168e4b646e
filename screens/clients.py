"""A saved connection in clients: written into more of them, taken out again, each seen before and undone after."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from wizard.errors import AuthwizardError

from . import clients_text
from .guide import Guided
from .picking import Picking
from .widgets.keybar import Key, KeyBar
from .widgets.panel import Panel
from .widgets.rows import GAP, Row, Rows, numbered, row
from .words import mark_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.change import Change, ExportReport
    from wizard.connections import Connection
    from wizard.entries import EntryPlan
    from wizard.setup.draft import ClientChoice
    from wizard.using import Shelf


class ClientsScreen(Guided, Picking):
    """In one of these states: looking, picking, asked whether an entry goes, busy, done."""

    CSS = """
    ClientsScreen #picked { height: auto; }
    ClientsScreen #picked, ClientsScreen #result { margin-top: 1; }
    ClientsScreen.-short #picked, ClientsScreen.-short #result { margin-top: 0; }
    ClientsScreen #result { height: auto; display: none; }
    ClientsScreen.-said #picked, ClientsScreen.-said #change { display: none; }
    ClientsScreen.-said #result { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("enter", "go", "Go on", show=False),
        Binding("f1", "guide", "About it", show=False),
        Binding("x", "take_out", "Take out", show=False, id="clients.take_out"),
        Binding("u", "undo", "Undo", show=False, id="clients.undo"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = name
        self._stage = "looking"
        self._connection: Connection | None = None
        self._plan: EntryPlan | None = None
        self._shelf: Shelf | None = None
        self._out: tuple[str, Change] | None = None
        self._done: list[tuple[str, Change]] = []

    def compose(self) -> ComposeResult:
        yield Static(plain(f"Use {self._called} in clients"), id="title", classes="title", markup=False)
        with Horizontal(classes="body"):
            with VerticalScroll(classes="main", id="main", can_focus=False):
                yield from self.compose_list("Space ticks those that are to have it")
                yield Static("", id="change", markup=False)
                yield Rows(id="result")
            yield Panel()
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Look which clients there are, and which have it."""
        self.run_worker(self._look(), group="look", exclusive=True, description="")

    async def _look(self) -> None:
        from wizard import connections, using

        try:
            self._connection = connections.get(self._called)
            _, self._plan = using.planned(self._connection)
            self._shelf = await asyncio.to_thread(using.shelf, self._connection)
        except AuthwizardError as error:
            self._say([row(clients_text.refused(error), prefix=mark_of("broken"))])
            return
        self._stage = "picking"
        self.set_class(False, "-said")
        self.offer(self._shelf.offer, (), self._shelf.notes)
        self.show_keys()
        self.preview()

    def _keys(self) -> tuple[Key, ...]:
        back = Key("Esc", "back", "screen.back")
        about = Key("F1", "about", "screen.guide")
        match self._stage:
            case "picking" if found := self.filter_keys():
                return found
            case "picking":
                out = (Key("x", "take out", "screen.take_out"),) if self._held() else ()
                more = (Key("h", "how", "screen.how"), about, Key("/", "find", "screen.filter"))
                return (
                    back,
                    Key("Space", "tick"),
                    *out,
                    *more,
                    Key("Enter", self._enter(), "screen.go", main=True),
                )
            case "asked":
                return (back, Key("Enter", "take it out", "screen.go", main=True))
            case "done":
                undo = (Key("u", "undo", "screen.undo"),) if self._done else ()
                return (back, *undo, Key("Enter", "done", "screen.go", main=True))
        return (back,)

    def _enter(self) -> str:
        if says := self.enter_says():
            return says
        ticked = len(self.clients.ticked)
        return f"write {ticked} {'file' if ticked == 1 else 'files'}" if ticked else "write"

    def _held(self) -> bool:
        place = self.clients.place
        return self._shelf is not None and place is not None and place.id in self._shelf.held

    def show_keys(self) -> None:
        for bar in self.query(KeyBar):
            bar.show(*self._keys())

    def say_problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(Content.assemble(mark_of("warning"), plain(says)) if says else "")
        line.set_class(bool(says), "-shown")

    def show_panel(self, rows: Iterable[Row]) -> None:
        self.query_one(Panel).show(rows)

    def picking(self) -> bool:
        return self._stage == "picking"

    def planned(self) -> EntryPlan:
        if self._plan is None:
            raise RuntimeError("nothing was looked at yet")
        return self._plan

    def preview(self) -> None:
        self.run_worker(self._preview, group="change", exclusive=True, description="")  # type: ignore[arg-type]  # its overloads see no result in None

    async def _preview(self) -> None:
        place = self.clients.place
        if place is None:
            self.show_others()
            return
        try:
            change = await asyncio.to_thread(self._prepared, self.picked(place))
        except AuthwizardError as error:
            self.show_refusal(place, error)
            return
        self.show_change(place, change)

    def _prepared(self, choice: ClientChoice) -> Change:
        from wizard import connections, using

        where = Path(choice.path) if choice.path else None
        connection = connections.get(self._called)
        return using.prepare(connection, choice.client, project=choice.project, path=where, how=choice.how)

    def action_go(self) -> None:
        """The one main thing of each state."""
        match self._stage:
            case "picking" if self.filter_keys():
                self.clients.focus()
            case "picking" if self.clients.has_focus and self.clients.chosen_is_fold():
                self.clients.toggle()
            case "picking" if self.clients.ticked:
                self._begin(self._write(self.all_picked()))
            case "picking":
                self.say_problem("Nothing is ticked: Space ticks the client that is to have it.")
            case "asked":
                self._begin(self._take_out())
            case "done":
                self.dismiss(None)

    def _begin(self, work: object) -> None:
        self._stage = "busy"
        self.uncover()
        self.say_problem("")
        self.show_keys()
        self.run_worker(work, group="do", exclusive=True, description="")  # type: ignore[arg-type]  # a coroutine

    def _say(self, rows: list[Row], stage: str = "done") -> None:
        self._stage = stage
        self.uncover()
        self.set_class(True, "-said")
        self.query_one("#result", Rows).show(rows)
        self.set_focus(None)
        self.show_keys()

    def _title(self, choice: ClientChoice) -> str:
        every = self._shelf.offer.every if self._shelf else ()
        same = (choice.client, choice.project, choice.path)
        found = (p.title for p in every if (p.choice.client, p.choice.project, p.choice.path) == same)
        return next(found, choice.client)

    async def _write(self, choices: tuple[ClientChoice, ...]) -> None:
        from wizard import using

        from . import jobs

        if self._connection is None:
            return
        try:
            changes = [await asyncio.to_thread(self._prepared, choice) for choice in choices]
        except AuthwizardError as error:
            self._stage = "picking"
            self.say_problem(self.short(clients_text.refused(error)))
            self.show_keys()
            return
        rows: list[Row] = []
        told: list[tuple[str, ExportReport]] = []
        for choice, change in zip(choices, changes, strict=True):
            title = self._title(choice)
            self.say_problem("")
            self._busy(f"Writing and testing {title} ...", rows)
            try:
                report = await using.write(self._connection, change, jobs.proven)
            except AuthwizardError as error:
                rows += [row(title, "bold", prefix=mark_of("broken"), indent=2)]
                rows += [row(self.short(clients_text.refused(error)), indent=4), GAP]
                continue
            self._keep(change, title)
            told.append((title, report))
            rows += [*self._told(title, report), GAP]
        self._say(rows)
        self.show_panel(clients_text.changes(told, self.short))

    def _busy(self, says: str, rows: list[Row]) -> None:
        self.set_class(True, "-said")
        self.query_one("#result", Rows).show([*rows, row(says, prefix=mark_of("running"))])

    def _told(self, title: str, report: ExportReport) -> list[Row]:
        from wizard import catalogue

        service = next(
            (s for s in catalogue.load().services if self._connection and s.id == self._connection.service),
            None,
        )
        sentence = service.first_sentence if service else ""
        rows = clients_text.exported(title, report, self.short(str(report.change.path)))
        return [*rows, *numbered(clients_text.acts(report, sentence), indent=4)]

    def _keep(self, change: Change, title: str) -> None:
        if change.path and change.changed:
            self._done.append((title, change))

    def action_take_out(self) -> None:
        """Show what taking the entry out of the highlighted client would change."""
        if self.picking() and self._held():
            self.run_worker(self._ask(), group="do", exclusive=True, description="")

    async def _ask(self) -> None:
        from wizard import export

        place = self.clients.place
        use = self._shelf.held.get(place.id) if self._shelf and place else None
        if place is None or use is None:
            return
        try:
            change = await asyncio.to_thread(
                lambda: export.remove(self._called, use.client, project=False, path=use.path)
            )
        except AuthwizardError as error:
            self.say_problem(self.short(clients_text.refused(error)))
            return
        self._out = (place.title, change)
        rows = [row(f"Take {self._called} out of {place.title}?", "bold")]
        if use.changed:
            says = "It was changed since it was written: what was changed goes with it."
            rows.append(row(says, "$text-warning", prefix=mark_of("warning")))
        rows += [row(self.short(str(use.path)), "$muted"), GAP]
        self._say([*rows, *clients_text.diff(self.short(change.diff))], "asked")

    async def _take_out(self) -> None:
        from wizard import export

        if self._out is None:
            return
        title, change = self._out
        try:
            await asyncio.to_thread(export.write, change)
        except AuthwizardError as error:
            self._say([row(self.short(clients_text.refused(error)), prefix=mark_of("broken"))])
            return
        self._keep(change, title)
        rows = [row(f"{self._called} is out of {title}.", "bold", prefix=mark_of("works"))]
        rows.append(row(self.short(str(change.path)), "$muted", indent=2))
        self._say([*rows, *numbered(change.next_act, indent=2)])

    def action_undo(self) -> None:
        """Put the files back as they were."""
        if self._stage == "done" and self._done:
            self._begin(self._undo())

    async def _undo(self) -> None:
        from wizard.taking_back import take_back

        titles = [title for title, _ in self._done]
        done = await asyncio.to_thread(take_back, [change for _, change in self._done])
        files = [self.short(str(one.change.path)) for one in done]
        self._done = []
        self.show_panel([])
        self._say([row("Taken back", "bold"), *clients_text.taken_back(done, titles, files)])

    def leave(self) -> None:
        """To the list, or out; nothing is left in the middle."""
        if self._stage == "busy":
            self.say_problem("What is being written is written whole first.")
        elif self._stage == "asked":
            self._stage = "picking"
            self.set_class(False, "-said")
            self.clients.focus()
            self.show_keys()
            self.preview()
        elif not (self.picking() and self.unfiltered()):
            self.dismiss(None)
