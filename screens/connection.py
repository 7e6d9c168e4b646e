"""One connection: what it is, where its secrets are, which clients have it; a new name for it, a new login, its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard import fallbacks
from wizard.errors import AuthwizardError

from . import connection_text, fallback, logins
from .login.work import Held, held, held_rows
from .widgets.inputs import Line
from .widgets.keybar import Key, KeyBar
from .widgets.rows import GAP, Row, Rows, row
from .words import mark, mark_of, one_line, plain, say

if TYPE_CHECKING:
    from wizard.caches import Cached
    from wizard.connections import Connection
    from wizard.livetest import Step
    from wizard.removal import Removal

    from .app import Authwizard


class ConnectionScreen(Screen[None]):
    """In one of these states: shown, asked for a new name, asked whether it may go, what came of that; and, where a
    service's own program keeps a login for it, its login cleared, and made anew."""

    CSS_PATH = "connection.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("enter", "go", "Go on", show=False),
        Binding("f1", "help", "Help", show=False),
        Binding("d", "diagnose", "Diagnose", show=False, id="connection.diagnose"),
        Binding("n", "rename", "Rename", show=False, id="connection.rename"),
        Binding("x", "remove", "Remove", show=False, id="connection.remove"),
        Binding("l", "log_in", "Log in anew", show=False, id="connection.log_in"),
        Binding("o", "login('log-out')", "Log out", show=False, id="connection.log_out"),
        Binding("r", "login('refresh')", "Renew the login", show=False, id="connection.refresh"),
        Binding("t", "fallback('test')", "Test the fallback", show=False, id="connection.test_fallback"),
        Binding("s", "fallback('switch')", "Switch to the fallback", show=False, id="connection.switch"),
        Binding("a", "clients", "Use it in clients", show=False, id="connection.clients"),
        Binding("u", "undo", "Put back", show=False, id="connection.undo"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = name
        self._stage = "shown"
        self._plan: Removal | None = None
        self._logins: tuple[Cached, ...] = ()
        self._renews = self._second = False
        self._held = Held(False)

    def compose(self) -> ComposeResult:
        yield Static("", id="title", classes="title", markup=False)
        with VerticalScroll(classes="main", id="main"):
            yield Static("Its new name", classes="head", id="name-head", markup=False)
            yield Line(self._called, id="name")
            yield Rows(id="text")
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Show it."""
        self._show()

    def _keys(self) -> tuple[Key, ...]:
        back = Key("Esc", "back", "screen.back")
        match self._stage:
            case "shown":
                return (
                    back,
                    Key("a", "clients", "screen.clients"),
                    *self._login_keys(),
                    Key("n", "rename", "screen.rename"),
                    Key("x", "remove", "screen.remove"),
                    *((Key("l", "log in anew", "screen.log_in"),) if self._renews else ()),
                    *self._fallback_keys(),
                    Key("F1", "help", "screen.help"),
                    Key("Enter", "diagnose", "screen.go", main=True),
                )
            case "cleared":
                undo = (Key("u", "put it back", "screen.undo"),) if self._logins else ()
                return (back, *undo, Key("Enter", "log in now", "screen.go", main=True))
            case "logging-in":
                return (Key("Esc", "cancel", "screen.back"),)
            case "naming":
                return (back, Key("Enter", "rename", "screen.go", main=True))
            case "asked":
                return (back, Key("Enter", "remove it", "screen.go", main=True))
        return (Key("Enter", "done", "screen.go", main=True),)

    def _fallback_keys(self) -> tuple[Key, ...]:
        if not self._second:
            return ()
        test = Key("t", "test fallback", "screen.fallback('test')")
        return (Key("s", "switch", "screen.fallback('switch')"), test)

    def _login_keys(self) -> tuple[Key, ...]:
        if not self._held.possible:
            return ()
        log_in = Key("l", "log in", "screen.log_in")
        refresh = Key("r", "renew", "screen.login('refresh')")
        log_out = Key("o", "log out", "screen.login('log-out')")
        return (log_in, refresh, log_out) if self._held.logged_in else (log_in,)

    def _turn(self, state: str, title: str, rows: list[Row]) -> None:
        self._stage = state
        self.query_one("#title", Static).update(plain(title))
        for part in ("#name", "#name-head"):
            self.query_one(part).display = state == "naming"
        self.query_one("#text", Rows).show(rows)
        self.query_one(KeyBar).show(*self._keys())
        self._problem("")
        self.query_one("#name" if state == "naming" else "#main").focus()

    def _problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(Content.assemble(mark_of("broken"), plain(says)) if says else "")
        line.set_class(bool(says), "-shown")

    def _show(self) -> None:
        from wizard import connections

        try:
            found = connections.get(self._called)
        except AuthwizardError as error:
            self._turn("done", self._called, [row(sentence(error), prefix=mark_of("broken"))])
            return
        self._second = found.fallback is not None
        self._turn("shown", self._called, self._rows(found))
        self.run_worker(self._look(), group="look", exclusive=True, description="")

    def _again(self) -> None:
        self._app.look_again()
        self._show()

    def _rows(self, c: Connection) -> list[Row]:
        last = self._app.outcomes.get(c.name)
        rows = [row(last.says, prefix=Content.assemble(mark(last.state), "  ")), GAP] if last else []
        pairs = [
            ("service", c.service),
            ("where", f"{c.environment}  {c.url}".strip()),
            ("method", c.method),
            *c.settings.items(),
            *((f"{field} is in", reference) for field, reference in c.secrets.items()),
            ("scopes", ", ".join(c.scopes)),
            ("allowed", ", ".join(c.allow)),
            ("set up", c.created),
        ]
        width = max(len(label) for label, text in pairs if text)
        return rows + [
            row(
                one_line(connection_text.short(text)),
                prefix=Content.styled(f"{say(label):<{width}}  ", "$muted"),
            )
            for label, text in pairs
            if text
        ]

    async def _look(self) -> None:
        """Which clients have it is looked up beside."""
        from wizard import connections, removal

        try:
            plan = await asyncio.to_thread(removal.prepare, self._called)
            found = connections.get(self._called)
            self._renews, self._logins, others = await asyncio.to_thread(logins.of, found)
            self._held = await asyncio.to_thread(held, found)
        except AuthwizardError:
            return
        if self._stage != "shown":
            return
        rows = self._rows(found)
        if self._renews:
            rows += [GAP, row("The login that its program keeps", "bold"), *logins.rows(self._logins)]
            rows += [row(f"Another one there is of {e.domain or e.server}.", "$muted") for e in others]
        if self._held.possible:
            rows += [GAP, row("Your login", "bold"), *held_rows(self._held)]
        rows += fallback.rows(found, self._app.outcomes.get(fallbacks.target(self._called)))
        if entries := [p for p in (*plan.goes, *plan.stays) if p.kind == "entry"]:
            rows += [GAP, row("In these clients", "bold"), *(connection_text.part_row(p) for p in entries)]
        self.query_one("#text", Rows).show(rows)
        self.query_one(KeyBar).show(*self._keys())

    @property
    def _app(self) -> Authwizard:
        return cast("Authwizard", self.app)

    def on_input_submitted(self) -> None:
        """Enter in the name."""
        self.action_go()

    def action_go(self) -> None:
        """The one main thing of each state."""
        match self._stage:
            case "shown":
                self.action_diagnose()
            case "naming":
                self.run_worker(self._rename(), group="do", exclusive=True, description="")
            case "asked":
                self.run_worker(self._remove(), group="do", exclusive=True, description="")
            case "cleared":
                self.run_worker(self._test(), group="do", exclusive=True, description="")
            case "done":
                self.app.pop_screen()

    def action_back(self) -> None:
        """To what is shown, or out."""
        if self._stage in ("naming", "asked", "cleared", "logging-in"):
            self.workers.cancel_group(self, "do")
            self._show()
        else:
            self.app.pop_screen()

    def action_help(self) -> None:
        """Say what this screen does."""
        from .help import HELP, HelpScreen

        self.app.push_screen(HelpScreen("Manage a connection", HELP["connection"]))

    def action_diagnose(self) -> None:
        """Look for what is wrong with it."""
        if self._stage == "shown":
            from .diagnose.screen import DiagnoseScreen

            self.app.push_screen(DiagnoseScreen(self._called))

    def action_clients(self) -> None:
        """Use it in more clients, or take it out of some."""
        if self._stage == "shown":
            from .clients import ClientsScreen

            self.app.push_screen(ClientsScreen(self._called), lambda _: self._show())

    def action_rename(self) -> None:
        """Ask for the new name."""
        if self._stage == "shown":
            self._turn("naming", f"Rename {self._called}", [row("Entries that were written for it follow.")])

    def action_remove(self) -> None:
        """Show what would go with it."""
        if self._stage == "shown":
            self.run_worker(self._ask(), group="do", exclusive=True, description="")

    async def _ask(self) -> None:
        from wizard import removal

        try:
            self._plan = await asyncio.to_thread(removal.prepare, self._called)
        except AuthwizardError as error:
            self._problem(sentence(error))
            return
        rows = [
            row("This goes with it", "bold"),
            row("the connection itself", prefix="- "),
            *connection_text.gone(self._plan.goes),
        ]
        if self._plan.stays:
            rows += [GAP, row("This stays", "bold"), *connection_text.gone(self._plan.stays)]
        for change in self._plan.changes:
            rows += [GAP, *(row(line, "$muted") for line in connection_text.short(change.diff).splitlines())]
        self._turn("asked", f"Remove {self._called}?", rows)

    async def _remove(self) -> None:
        from wizard import removal

        if self._plan is None:
            return
        try:
            done = await asyncio.to_thread(removal.carry_out, self._plan)
        except AuthwizardError as error:
            self._problem(sentence(error))
            return
        for target in (self._called, fallbacks.target(self._called)):
            self._app.outcomes.pop(target, None)
        rows = [
            row(f"{self._called} was removed.", "bold", prefix=mark_of("works")),
            *connection_text.gone(done.goes),
        ]
        if done.stays:
            rows += [GAP, row("This stays", "bold"), *connection_text.gone(done.stays)]
        self._turn("done", self._called, rows)

    def action_login(self, act: str) -> None:
        """Renew the login, or end it."""
        if self._stage == "shown" and self._held.logged_in:
            self._login_screen(act)

    def _login_screen(self, act: str) -> None:
        from .login.screen import LoginScreen

        self.app.push_screen(LoginScreen(self._called, act), lambda _: self._again())

    def action_fallback(self, act: str) -> None:
        """Test the second method, or switch to it."""
        if self._stage == "shown" and self._second:
            self.app.push_screen(fallback.FallbackScreen(self._called, act), lambda _: self._show())

    def action_log_in(self) -> None:
        """Log in; where its program does that, clear what it keeps, so that its next use asks for a new one."""
        if self._stage == "shown" and self._held.possible:
            self._login_screen("log-in")
        if self._stage == "shown" and self._renews:
            self.run_worker(self._clear(), group="do", exclusive=True, description="")

    async def _clear(self) -> None:
        from wizard import caches, connections

        try:
            choice = connections.choice(connections.get(self._called))
            cleared = await asyncio.to_thread(caches.clear_for, choice)
        except AuthwizardError as error:
            self._problem(sentence(error))
            return
        self._logins = cleared.entries
        says = "The login was cleared; a copy is kept." if cleared.entries else "No login is kept."
        rows = [row(says, "bold", prefix=mark_of("works"))]
        rows += [row(connection_text.short(str(p)), "$muted", prefix="- ") for p in cleared.copies]
        rows += [GAP, row("Its program opens a browser when it is used next. Enter uses it now.")]
        self._turn("cleared", f"Log in anew: {self._called}", rows)

    def action_undo(self) -> None:
        """Put the login back that was cleared."""
        if self._stage == "cleared" and self._logins:
            self.run_worker(self._put_back(), group="do", exclusive=True, description="")

    async def _put_back(self) -> None:
        from wizard import caches

        try:
            for entry in reversed(self._logins):
                await asyncio.to_thread(caches.put_back, entry.id)
        except AuthwizardError as error:
            self._problem(sentence(error))
            return
        rows = [row("The login is as it was before.", "bold", prefix=mark_of("works"))]
        self._turn("done", self._called, rows)

    async def _test(self) -> None:
        from . import jobs

        title = f"Log in anew: {self._called}"
        self._turn("logging-in", title, [row("Starting its program ...")])

        def told(step: Step) -> None:
            if step.awaited and self._stage == "logging-in":
                self.query_one("#text", Rows).show([row(f"{step.awaited}.", prefix=mark_of("running"))])

        try:
            report = await jobs.tested(self._called, told)
        except AuthwizardError as error:
            self._turn("done", title, [row(sentence(error), prefix=mark_of("broken"))])
            return
        self._turn("done", title, logins.made(report))

    async def _rename(self) -> None:
        from wizard import removal

        new = self.query_one("#name", Line).value.strip()
        if new == self._called:
            self._show()
            return
        try:
            done = await asyncio.to_thread(removal.rename, self._called, new)
        except AuthwizardError as error:
            self._problem(sentence(error))
            return
        for old, other in ((self._called, new), (fallbacks.target(self._called), fallbacks.target(new))):
            fallback.follow(self._app.outcomes, old, other)
        self._turn("done", new, connection_text.renamed(self._called, done))
        self._called = new


def sentence(error: AuthwizardError) -> str:
    """A failure on one line: what, why, and the first things to do."""
    return " ".join(part for part in (error.title, error.detail, *error.fix) if part)
