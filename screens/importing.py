"""An entry of a client's config that no connection made: what would be made of it, and then that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard.errors import AuthwizardError
from wizard.pasting import pasted

from .connection import sentence
from .widgets.keybar import Key, KeyBar
from .widgets.rows import GAP, Row, Rows, row
from .words import mark_of, plain

if TYPE_CHECKING:
    from wizard.importing import Found, Import


class ImportScreen(Screen[None]):
    """In one of these states: looked at, ready to be saved, saved, or not to be saved."""

    CSS_PATH = "importing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", show=False),
        Binding("enter", "go", "Go on", show=False),
        Binding("f1", "help", "Help", show=False),
    ]

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target
        self._stage = "looking"
        self._plan: Import | None = None
        self._made = ""

    def compose(self) -> ComposeResult:
        yield Static(plain(f"Import {self._target}"), classes="title", markup=False)
        with VerticalScroll(classes="main", id="main"):
            yield Rows(id="text")
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one("#main").focus()
        self.run_worker(self._look(), group="import", exclusive=True, description="")

    def _keys(self) -> tuple[Key, ...]:
        back, help_ = Key("Esc", "back", "app.pop_screen"), Key("F1", "help", "screen.help")
        match self._stage:
            case "ready":
                return (back, help_, Key("Enter", "save the connection", "screen.go", main=True))
            case "saved":
                return (back, help_, Key("Enter", "diagnose it", "screen.go", main=True))
        return (back, help_)

    def _turn(self, stage: str, rows: list[Row]) -> None:
        self._stage = stage
        self.query_one("#text", Rows).show(rows)
        self.query_one(KeyBar).show(*self._keys())

    async def _look(self) -> None:
        from wizard import importing

        client, _, server = self._target.partition(":")
        try:
            plan = await asyncio.to_thread(importing.prepare, client, server)
        except AuthwizardError as error:
            # which file it is stands in the title of the screen, as the client
            says = " ".join((error.title, *error.fix))
            self._turn("stopped", [row(says, prefix=mark_of("broken"))])
            return
        self._plan = plan
        said = [
            row(p.says, prefix=mark_of("broken" if p.severity == importing.ERROR else "warning"))
            for p in plan.problems
        ]
        rows = [line for one in plan.found for line in _rows(one)]
        self._made = plan.found[0].connection.name if plan.found else ""
        missing = any(one.asks for one in plan.found)
        fresh = any(one.changed for one in plan.found)
        ready = bool(plan.found) and not missing
        stage = "stopped" if not ready else "ready" if fresh else "saved"
        self._turn(stage, [*rows, *([GAP, *said] if rows and said else said)])

    def action_go(self) -> None:
        """Save it; afterwards look whether it works."""
        if self._stage == "ready" and self._plan is not None:
            self._stage = "saving"
            self.run_worker(self._save(self._plan), group="import", exclusive=True, description="")
        elif self._stage == "saved":
            from .diagnose.screen import DiagnoseScreen

            self.app.switch_screen(DiagnoseScreen(self._made))

    async def _save(self, plan: Import) -> None:
        from wizard import importing

        try:
            done = await asyncio.to_thread(importing.carry_out, plan)
        except AuthwizardError as error:
            self._turn("stopped", [row(sentence(error), prefix=mark_of("broken"))])
            return
        self._turn("saved", [line for one, notes in done for line in _done(one, tuple(notes.values()))])

    def action_help(self) -> None:
        """Say what this screen does."""
        from .help import HELP, HelpScreen

        self.app.push_screen(HelpScreen("Import", HELP["import"]))


def _rows(found: Found) -> list[Row]:
    """What would be made of one entry."""
    connection = found.connection
    says = "is there already" if not found.changed else "will be the connection"
    rows = [
        row(Content.assemble(plain(f"{found.target} {says} "), plain(connection.name, "bold"), plain(".")))
    ]
    rows += [GAP, row(connection.url or connection.settings.get("command", ""), prefix="reaches    ")]
    rows.append(row(connection.method, prefix="signs in   "))
    for one in found.wanted:
        if one.source:
            rows.append(row(f"stays in {one.source}", prefix=f"{one.field:<10} "))
        elif one.asked:
            says = f"{one.asked}. Say where it is, at the shell:"
            rows.append(row(says, prefix=f"{one.field:<10} "))
            rows.append(
                row(f"authwizard import {pasted(found.target)} --secret {one.field}=SOURCE", "bold", indent=2)
            )
        else:
            rows.append(row("moves into the store for secrets", prefix=f"{one.field:<10} "))
    return rows


def _done(found: Found, notes: tuple[str, ...]) -> list[Row]:
    """What came of it, and what is left to do."""
    from wizard import importing

    connection = found.connection
    rows = [row(f"{connection.name} is saved.", "bold", prefix=mark_of("works"))]
    rows += [row(note, prefix=mark_of("warning")) for note in notes]
    if any(w.literal for w in found.wanted):
        says = f"The secret still stands in {found.scope.path}. To have a reference there instead:"
        rows += [GAP, row(says, prefix=mark_of("warning"))]
        rows.append(row(importing.replacing(found, connection), "bold", indent=2))
    if connection.method == "authorization_code":
        rows += [GAP, row(f"Nobody is logged in yet: authwizard login {connection.name}")]
    return rows
