"""The login of one saved connection: made anew, renewed, or ended; what was asked, and what came of it."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from wizard.errors import AuthwizardError
from wizard.livetest import Step

from ..setup.work import shortened
from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import GAP, Row, Rows, row
from ..words import mark_of, plain
from . import work
from .keys import LOGIN_KEYS, LoginKeys, Sitting
from .panel import LoginPanel
from .text import cut_off, step_rows

LOG_IN, LOG_OUT, REFRESH = "log-in", "log-out", "refresh"
_BUSY = "callback-port-in-use-or-reserved"
_TITLES = {LOG_IN: "Log in to", LOG_OUT: "Log out of", REFRESH: "Renew the login of"}


class LoginScreen(LoginKeys, Screen[bool]):
    """Does one of `LOG_IN`, `LOG_OUT` (once it was confirmed) and `REFRESH`; says whether it was done."""

    CSS = """
    LoginScreen #text { height: auto; }
    LoginScreen #main:focus { background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("enter", "go", "Go on", show=False),
        Binding("r", "again", "Try again", show=False, id="login.again"),
        Binding("o", "open", "Open it", show=False, id="login.open"),
        *LOGIN_KEYS,
    ]

    def __init__(self, name: str, act: str = LOG_IN) -> None:
        super().__init__()
        self._called, self._act = name, act
        self._steps: dict[str, Step] = {}
        self._end: list[Row] = []
        self._worker: Worker[None] | None = None
        self._done = self._busy = self._once_more = False
        self.sitting = Sitting(self, again=self._restart, step=self._on_step)

    def compose(self) -> ComposeResult:
        yield Static(plain(f"{_TITLES[self._act]} {self._called}"), classes="title", markup=False)
        with VerticalScroll(classes="main", id="main"):
            yield self.sitting.panel()
            yield Rows(id="text")
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Begin, or ask whether to."""
        self.set_interval(0.2, self._tick)
        self.query_one("#main").focus()
        if self._act != LOG_OUT:
            self.action_again()
            return
        self._end = [
            row("The issuer is told that the login has ended, and it is forgotten here."),
            row(
                "Clients that use this login can do nothing then, until somebody logs in again. One that has logged in"
                " by itself keeps its own login: end it there."
            ),
        ]
        self._show()

    def _keys(self) -> tuple[Key, ...]:
        if self._worker is not None:
            cancel = (Key("Esc", "cancel", "screen.back"),) if self._act == LOG_IN else ()
            return (*cancel, *self.sitting.keys())
        if self._done:
            return (Key("Enter", "done", "screen.go", main=True),)
        back = Key("Esc", "back", "screen.back")
        if self._act == LOG_OUT:
            return (back, Key("Enter", "log out", "screen.go", main=True))
        port = (Key("t", "another port", "screen.login_port"),) if self._busy else ()
        return (back, *port, Key("r", "try again", "screen.again", main=True))

    def _show(self) -> None:
        rows = step_rows(self._steps.values())
        self.query_one("#text", Rows).show(
            [*self._end, GAP, *rows] if self._end and rows else self._end or rows
        )
        self.query_one(KeyBar).show(*self._keys())

    def _problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(plain(says))
        line.set_class(bool(says), "-shown")

    def _tick(self) -> None:
        if self._worker is not None:
            self.sitting.tick()

    def _on_step(self, step: Step) -> None:
        self._steps[step.id] = step
        self._show()

    def action_again(self) -> None:
        """Do it, from the beginning."""
        if self._worker is not None or self._done or not self.is_attached:
            return
        self._steps, self._end, self._busy, self._once_more = {}, [], False, False
        self.sitting.over()
        self._worker = self.run_worker(self._run(), group="login", exclusive=True, description="")
        self._show()

    def _restart(self) -> None:
        if self._worker is None:
            self.action_again()
            return
        self._once_more = True
        self._worker.cancel()

    async def _run(self) -> None:
        try:
            self._end = await self._do()
            self._done = True
        except asyncio.CancelledError:
            self._steps = cut_off(self._steps)
            self._end = [
                row("It was cancelled, and nothing was changed. r tries again.", prefix=mark_of("warning"))
            ]
            raise
        except AuthwizardError as error:
            self._busy = error.id == _BUSY
            self._end = work.failure_rows(error)
        finally:
            self._worker = None
            if self.is_attached:
                self.sitting.over()
                self._show()
                self._problem("")
                self.query_one("#main").focus().scroll_home(animate=False)
                if self._once_more:
                    self.call_later(self.action_again)

    async def _do(self) -> list[Row]:
        if self._act == LOG_OUT:
            return work.out_rows(await work.log_out(self._called))
        if self._act == REFRESH:
            self._end = [row("Asking the identity provider ...", prefix=mark_of("running"))]
            self._show()
            kept, other = await work.refresh(self._called)
            says = "The login was renewed, with a new refresh token." if other else "The login was renewed."
            return [row(says, "bold", prefix=mark_of("works")), *work.kept_rows(kept)]

        def wait() -> None:
            says = "Another login of this connection is under way; its result is waited for."
            self._end = [row(says, prefix=mark_of("running"))]
            self._show()

        made = await work.log_in(self._called, self.sitting.person(), wait)
        says = "Logged in, by the other login that was under way." if made.shared else "Logged in."
        place = row(f"kept in {shortened(made.kept_in)}", "$muted", indent=2)
        return [row(says, "bold", prefix=mark_of("works")), *work.kept_rows(made.kept), place]

    def action_go(self) -> None:
        """Enter: done, or the yes to a logout."""
        if self._done:
            self.dismiss(True)
        elif self._act == LOG_OUT and self._worker is None:
            self.action_again()

    def action_back(self) -> None:
        """Close the field, cancel what runs, else leave."""
        if self.query_one(LoginPanel).close():
            self.query_one("#main").focus()
        elif self._worker is not None and self._act != LOG_IN:
            self._problem("What the issuer is told cannot be called back. It takes some seconds at most.")
        elif self._worker is not None:
            self._once_more = False
            self._worker.cancel()
        else:
            self.dismiss(self._done)

    def action_open(self) -> None:
        """Open the page once more."""
        self.sitting.open_again()

    def action_login_port(self) -> None:
        """Also after the port was found taken."""
        if self._worker is None and self._busy:
            self.sitting.choose_port()
            return
        super().action_login_port()
