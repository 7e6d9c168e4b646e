"""What a screen needs on which a login happens: who sits before it, and their keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from wizard.livetest import Step
from wizard.oauth.person import BROWSER, Ask, Person

from ..widgets.keybar import Key
from .panel import PASTE, PORT, LoginPanel
from .text import address, awaited, scanned

if TYPE_CHECKING:
    from wizard.oauth.model import Login

SECONDS = 300.0
STEP = {"browser": "authorization", "device": "device"}
LOGIN_KEYS: list[BindingType] = [
    Binding("c", "login_copy", "Copy the address", show=False, id="login.copy"),
    Binding("q", "login_scan", "QR code", show=False, id="login.scan"),
    Binding("p", "login_paste", "Paste the address", show=False, id="login.paste"),
    Binding("t", "login_port", "Another port", show=False, id="login.port"),
    Binding("v", "login_other", "The other way", show=False, id="login.other"),
]


class Sitting:
    """One screen's person: how they would rather log in, what they are asked now, what they pasted."""

    def __init__(
        self,
        screen: Screen[Any],
        *,
        again: Callable[[], None],
        step: Callable[[Step], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.port: int | None = None
        self.kind = ""
        self.logins: list[Login] = []
        self._screen, self._again, self._clock, self._step = screen, again, clock, step
        self._typed: asyncio.Queue[str] = asyncio.Queue()

    def panel(self) -> LoginPanel:
        """The widget for it."""
        return LoginPanel(self._typed.put_nowait, self._on_port)

    def person(self) -> Person:
        """Whoever sits here, for one try."""
        self.logins.clear()
        while not self._typed.empty():
            self._typed.get_nowait()
        return Person(
            self.hear,
            self._ask,
            self._typed.get,
            self.logins.append,
            port=self.port,
            seconds=SECONDS,
            kind=self.kind,
        )

    @property
    def asked(self) -> Ask | None:
        """What is to be done now."""
        return self._shown.asked if self._screen.is_mounted else None

    def hear(self, step: Step) -> None:
        """A step as it is told: a wrong paste is said where it was pasted, and its step goes on."""
        ask = self.asked
        if ask is not None and step.id == STEP[ask.kind]:
            if step.ok is None:
                self._shown.complain(step.seen)
                step = replace(step, seen="", expected=awaited(ask))
            else:
                self.over()
        self._step(step)

    def tick(self) -> None:
        """The time that is left goes on."""
        self._shown.at(self._clock())

    def over(self) -> None:
        """Nothing is to be done any more."""
        from .scan import ScanScreen

        self._shown.ask(None)
        if isinstance(self._screen.app.screen, ScanScreen):
            self._screen.app.pop_screen()

    def keys(self) -> tuple[Key, ...]:
        """Those that the login has now."""
        ask = self.asked
        if ask is None:
            return ()
        keys = [Key("c", "copy", "screen.login_copy"), Key("o", "open", "screen.open")]
        if ask.kind == BROWSER:
            keys.append(Key("p", "paste", "screen.login_paste"))
        keys.append(Key("q", "QR", "screen.login_scan"))
        if ask.instead:
            keys.append(Key("v", "by code" if ask.kind == BROWSER else "by browser", "screen.login_other"))
        return (*keys, Key("t", "port", "screen.login_port")) if ask.kind == BROWSER else tuple(keys)

    def open_again(self) -> None:
        """Open the page once more."""
        ask = self.asked
        if ask is not None and address(ask):
            self._screen.run_worker(self._opened(address(ask)), group="open", exclusive=True, description="")

    async def _opened(self, url: str) -> None:
        from wizard import browsing

        opened = await asyncio.to_thread(browsing.open_page, url)
        says = "Opened in your browser." if opened else "No browser opens here. c copies the address."
        self._screen.notify(says, markup=False)

    def copy(self) -> None:
        """The address goes to the clipboard, whole."""
        ask = self.asked
        if ask is not None and address(ask):
            self._screen.app.copy_to_clipboard(address(ask))
            self._screen.notify(
                "Copied: the address of your login. Open it in one browser, and give it to nobody.",
                markup=False,
            )

    def scan(self) -> None:
        """The address as a QR code."""
        ask = self.asked
        if ask is not None and scanned(ask):
            from .scan import ScanScreen

            self._screen.app.push_screen(ScanScreen(scanned(ask)))

    def paste(self) -> None:
        """A field for the address at which the browser ended."""
        ask = self.asked
        if ask is not None and ask.kind == BROWSER:
            self._shown.open(PASTE)

    def take(self, text: str) -> None:
        """What was pasted with no field open goes into the one for the address."""
        if text.strip() and self.asked is not None and self.asked.kind == BROWSER:
            self._shown.open(PASTE, text.strip())

    def choose_port(self) -> None:
        """A field for another port."""
        self._shown.open(PORT)

    def other(self) -> None:
        """Begin anew, the other way that the server offers."""
        ask = self.asked
        if ask is not None and ask.instead:
            self.kind = ask.instead[0]
            self._again()

    def _on_port(self, port: int) -> None:
        self.port, self.kind = port, ""
        self._again()

    def _ask(self, ask: Ask) -> None:
        from wizard.oauth.walk import TITLES

        self._shown.ask(ask, self._clock())
        self._screen.query_one("#main").scroll_home(animate=False)
        id = STEP[ask.kind]
        self._step(Step(id, TITLES[id], None, awaited(ask)))

    @property
    def _shown(self) -> LoginPanel:
        return self._screen.query_one(LoginPanel)


class LoginKeys:
    """The actions of `LOGIN_KEYS`, for a screen that has a `Sitting`."""

    sitting: Sitting

    def on_paste(self, event: events.Paste) -> None:
        """Pasted without p: an address, most likely, and never keys."""
        event.stop()
        self.sitting.take(event.text)

    def action_login_copy(self) -> None:
        """Copy the address of the login."""
        self.sitting.copy()

    def action_login_scan(self) -> None:
        """Show it as a QR code."""
        self.sitting.scan()

    def action_login_paste(self) -> None:
        """Type the address at which the browser ended."""
        self.sitting.paste()

    def action_login_port(self) -> None:
        """Choose another port, while the login waits."""
        ask = self.sitting.asked
        if ask is not None and ask.kind == BROWSER:
            self.sitting.choose_port()

    def action_login_other(self) -> None:
        """Log in the other way."""
        self.sitting.other()
