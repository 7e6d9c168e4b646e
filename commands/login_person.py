"""The person at the shell while a login happens: what they are shown on standard error, and what they paste.

The address of a login holds its state. It is shown where it is needed and nowhere else: on a terminal, and elsewhere
only where no browser could be opened.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from wizard.browsing import command, page
from wizard.errors import UsageError
from wizard.livetest import Step
from wizard.oauth.person import DEVICE, Ask, Person

from .output import Output
from .running import Waiting

if TYPE_CHECKING:
    from wizard.oauth.model import Login

_LONGEST = 300
_MARKS = {None: "untested", True: "works", False: "broken"}


def person(
    out: Output,
    *,
    opens: bool = True,
    port: int | None = None,
    seconds: float = 300.0,
    budget: float = 0.0,
    step: Callable[[Step], None] | None = None,
    keep: Callable[[Login], None] | None = None,
    waiting: Waiting | None = None,
    by_code: str = "--method device_code",
) -> Person:
    """Whoever runs the command. ``step`` hears of each step besides them; ``waiting`` learns what is waited for;
    ``by_code`` is the command's option for a login by a code."""
    shell = _Shell(out, terminal=bool(sys.stderr and sys.stderr.isatty()), waiting=waiting, by_code=by_code)

    def hear(one: Step) -> None:
        shell.step(one)
        if step is not None:
            step(one)

    paste = _Pasted() if shell.terminal and _can_paste() else None
    shell.pastes = paste is not None
    return Person(
        hear,
        shell.ask,
        paste.line if paste else None,
        keep,
        opens,
        port,
        seconds,
        wrong=shell.wrong,
        budget=budget,
    )


def nobody() -> bool:
    """Whether nobody can log in here: no terminal shows them anything, and no browser can be opened."""
    return not (sys.stderr and sys.stderr.isatty()) and not command("https://localhost/")


class _Shell:
    """The lines that are shown."""

    def __init__(self, out: Output, *, terminal: bool, waiting: Waiting | None, by_code: str) -> None:
        self.terminal = terminal
        self.pastes = False
        self._out = out
        self._waiting = waiting
        self._by_code = by_code

    def step(self, step: Step) -> None:
        if self.terminal:
            said = f"{step.title}: {step.seen}" if step.seen else step.title
            self._out.tell(f"  {self._out.mark(_MARKS[step.ok])} {said}")

    def ask(self, ask: Ask) -> None:
        """Say what is to be done; addresses stand on lines of their own, unbroken, to be copied."""
        if self._waiting is not None:
            self._waiting.what = (
                "the login with the code" if ask.kind == DEVICE else "the login in the browser"
            )
        url = page(ask.url)
        if ask.more:
            self._out.note(
                f"The server asks for more than was chosen: {' '.join(ask.more)[:_LONGEST]}\n"
                "Consent to it only if you know what it is for."
            )
        if not url:
            self._out.note("The server names a login page that is no address of the web. It is not shown.")
        elif ask.kind == DEVICE:
            self._device(ask, url)
        elif self.terminal or not ask.opened:
            self._browser(ask, url)

    def wrong(self, error: UsageError) -> None:
        """Say what is wrong with what was pasted; the wait goes on."""
        self._lines(error.title, *(f"  {step}" for step in error.fix))

    def _browser(self, ask: Ask, url: str) -> None:
        if not self.terminal:
            self._out.note(f"Open this page to log in: {url}")
            return
        if ask.opened:
            self._lines("", "Log in in the browser that has opened. If none has, open this page:")
        else:
            self._code(url)
            self._lines("", "Open this page in a browser to log in:")
        self._lines("", url, "")
        self._lines(*ask.advice)
        if "device_code" in ask.instead and (ask.advice or not ask.opened):
            self._lines(
                f"Or log in by a code on another device: end this with Ctrl+C, and add {self._by_code}"
            )
        if self.pastes:
            self._lines(
                "If the browser ends at a page that it cannot open, paste its whole address here and press Enter."
            )
        self._patience(ask.seconds)

    def _device(self, ask: Ask, url: str) -> None:
        code = " ".join(ask.code.split())
        if not self.terminal:
            self._out.note(f"Open {url} on any device and type the code {code}")
            return
        # on a low terminal the picture goes out at the top, and what can be typed stays
        self._code(page(ask.complete) or url)
        self._lines(
            "",
            "Open this page on any device:",
            "",
            url,
            "",
            "and type this code there:",
            "",
            f"    {code}",
            "",
        )
        self._lines(*ask.advice)
        self._patience(ask.seconds)

    def _code(self, url: str) -> None:
        """A QR code, where the terminal can show it whole."""
        if os.environ.get("TERM") == "dumb" or not (sys.stderr.encoding or "").lower().startswith("utf"):
            return
        from wizard.qr import fits, qr

        code = qr(url)
        columns, lines = _size()
        if fits(code, columns, lines - 1):
            self._lines("", "Scan this, or go on below:", "", *code.split("\n"))

    def _patience(self, seconds: float) -> None:
        if seconds > 0:
            much = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
            self._lines(f"Waiting for up to {much}. Ctrl+C ends it.")

    def _lines(self, *lines: str) -> None:
        for line in lines:
            self._out.tell(line)


def _size() -> tuple[int, int]:
    """Columns and lines of the terminal that standard error is."""
    try:
        return os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return shutil.get_terminal_size()


def _can_paste() -> bool:
    # Windows' event loop does not wait for a console
    return sys.platform != "win32" and bool(sys.stdin and sys.stdin.isatty())


class _Pasted:
    """Lines typed on the terminal while the event loop goes on. What is typed after the login is left to the shell."""

    def __init__(self) -> None:
        self._held = b""

    async def line(self) -> str:
        """The next line that is not blank. Where the terminal has ended there is none: it never returns."""
        while True:
            text, ended, rest = self._held.partition(b"\n")
            if ended:
                self._held = rest
                if line := text.decode("utf-8", "replace").strip():
                    return line
                continue
            if not (more := await _typed()):
                await asyncio.get_running_loop().create_future()
            self._held += more


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


async def _typed() -> bytes:
    loop = asyncio.get_running_loop()
    handle = sys.stdin.fileno()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(handle, _set, ready)
    try:
        await ready
    finally:
        loop.remove_reader(handle)
    try:
        return os.read(handle, 4096)
    except OSError:
        return b""
