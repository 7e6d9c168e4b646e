"""The full-screen program: its start, its end, and what it does when it meets a fault of its own."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from wizard import lookups, outcomes
from wizard.outcomes import Outcome

from .home import Home
from .words import plain_ascii

if TYPE_CHECKING:
    from sandbox.practice import Practice

_HERE = Path(__file__).parent

CALM = Theme(
    name="authwizard",
    primary="#5f87af",
    secondary="#5f87af",
    accent="#d7af5f",
    foreground="#d0d0d0",
    background="#16181d",
    surface="#1b1e24",
    panel="#23272f",
    success="#87af5f",
    warning="#d7875f",
    error="#d75f5f",
    dark=True,
    # $text-muted blends with what lies behind it, which content has no say in: a colour of our own instead
    variables={"muted": "#8b919c"},
)

INTERRUPTED = 130


class Authwizard(App[int]):
    """Home, the wizard, the diagnosis. A screen shows state and calls one function; it decides nothing."""

    # Textual does not read the CSS of a default screen: home.tcss is named here
    CSS_PATH = [_HERE / "app.tcss", _HERE / "home.tcss"]  # noqa: RUF012  the type is Textual's
    TITLE = "authwizard"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-normal"), (100, "-wide")]  # noqa: RUF012  as above
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall"), (32, "-high")]  # noqa: RUF012  as above
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True, system=True),
    ]

    def __init__(self, service: str | None = None, practice: Practice | None = None) -> None:
        super().__init__()
        self.register_theme(CALM)
        self.theme = CALM.name
        self.service = service
        self.practice = practice
        self.own_practice: Practice | None = None
        self.crash = ""
        self._read = outcomes.written()
        self.outcomes: dict[str, Outcome] = outcomes.load()
        self._unwritten: set[str] = set()
        if plain_ascii():
            self.set_class(True, "-ascii")

    def get_default_screen(self) -> Screen[None]:
        """The home screen is the ground that every other screen stands on."""
        return Home()

    def on_load(self) -> None:
        """Nobody waits for a name server in order to quit."""
        lookups.apart()

    def on_ready(self) -> None:
        """Open the wizard at once when a service was named."""
        if self.service:
            self.set_up(self.service, asks=True)

    def remember(self, target: str, outcome: Outcome) -> None:
        """Show on Home what came of a target, and keep it for the next start."""
        from time import time

        outcome = replace(outcome, at=time())
        self.outcomes[target] = outcome
        # an address may hold what nobody should find on a disk
        if "://" not in target:
            self._unwritten.add(target)
            self.run_worker(
                partial(self._write, target, outcome),
                thread=True,
                group="outcomes",
                description="",
                exit_on_error=False,
            )

    def _write(self, target: str, outcome: Outcome) -> None:
        outcomes.remember(target, outcome)
        self._unwritten.discard(target)

    def look_again(self) -> None:
        """Take what other processes have kept since; what is kept of this one's addresses stays with it alone."""
        written = outcomes.written()
        if written == self._read:
            return
        self._read = written
        own = {t: o for t, o in self.outcomes.items() if "://" in t or t in self._unwritten}
        self.outcomes = outcomes.load() | own

    def set_up(self, service: str | None = None, *, asks: bool = False) -> None:
        """Start the wizard: on the draft of this service that waits (``asks``: where the person says so), else at its
        second step, else at the first."""
        from .setup.flow import Flow

        self.run_worker(
            Flow(self, service, asks=asks).run(),
            name="wizard",
            description="",
            group="wizard",
            exclusive=True,
        )

    def ensure_practice(self) -> Practice:
        """The practice services, started on the first call (blocks; call it in a thread)."""
        if self.practice is None:
            from sandbox import practice

            self.practice = self.own_practice = practice.start()
        return self.practice

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette without Screenshot: a picture would keep what is on the screen."""
        kept = (c for c in super().get_system_commands(screen) if c.title not in ("Screenshot", "Maximize"))
        yield from kept
        yield SystemCommand("Set up a service", "Walk the six steps", self.set_up)
        if isinstance(home := self.screen_stack[0], Home):
            yield SystemCommand("Diagnose", "Find why a connection fails", home.action_diagnose)
            yield SystemCommand("Token", "Decode a token and say what it means", home.action_token)

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Nothing: no picture is taken of a program that handles secrets."""

    def action_interrupt(self) -> None:
        """Leave at once; whatever is being written is written whole or not at all."""
        self.exit(INTERRUPTED, return_code=INTERRUPTED)

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print a traceback with all locals: a secret could be among them
        self.crash = self.crash or _crash_note(error)
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()


def _crash_note(error: BaseException) -> str:
    """Write where it failed, without any value or message; the note's path, or empty when it cannot be written."""
    from wizard.paths import state_dir, write_private

    lines = ["authwizard met a fault of its own. This note holds no value and no message.", ""]
    seen: BaseException | None = error
    while seen is not None:
        lines.append(type(seen).__name__)
        frames = traceback.extract_tb(seen.__traceback__, limit=-30)
        lines.extend(f"  {_short(f.filename)}:{f.lineno} in {f.name}" for f in frames)
        seen = seen.__cause__ or seen.__context__ or getattr(seen, "error", None)
    path = state_dir() / "crash.txt"
    try:
        write_private(path, ("\n".join(lines) + "\n").encode())
    except OSError:
        return "nowhere: the state folder cannot be written"
    return str(path)


def _short(path: str) -> str:
    parts = path.replace("\\", "/").split("/")
    return "/".join(parts[-3:])


def run(service: str | None = None, practice: Practice | None = None) -> int:
    """Run the full-screen program until it is left.

    Returns the exit code: 0 when it was left, 130 when it was interrupted, 1 when it met a fault of its own
    (one sentence on standard error, and a note without values in the state folder).
    """
    if os.environ.get("NO_COLOR") == "":
        # no-color.org: an empty value means nothing, which Textual does not know
        del os.environ["NO_COLOR"]
    app = Authwizard(service, practice)
    crash = ""
    try:
        app.run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last line of defence: a sentence, never a traceback
        crash = _crash_note(error)
    finally:
        if app.own_practice is not None:
            app.own_practice.stop()
    crash = app.crash or crash
    if crash:
        sys.stderr.write(
            f"authwizard met a fault of its own and stopped; what was typed is gone. Note: {crash}\n"
        )
        return 1
    return app.return_code or 0
