"""What a person gives to a diagnosis beside its target: a credential, a login, the yes to starting a program."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from wizard.errors import AuthwizardError, UsageError
from wizard.secret import Secret

from .. import jobs
from ..login.screen import LoginScreen
from ..widgets.inputs import SecretLine
from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import GAP, Row, Rows, row
from ..words import mark, mark_of, one_line, plain

if TYPE_CHECKING:
    from diagnostics.steps.token_request import TokenRequest
    from wizard.entries import Stdio

_SOURCE: Final = re.compile(r"(env|file|keyring):")
_SAYS: Final = (
    "It is sent to this address only, as Authorization: Bearer, and kept nowhere. Paste it, or name where it is:"
    " env:VARIABLE, file:PATH."
)
_AT_THE_SHELL: Final = "Name it at the shell: authwizard doctor URL --credential cmd:COMMAND."
_START_SAYS: Final = (
    "This is the command of the entry. It runs on this machine, with what the entry gives it, is asked for its tools,"
    " and is ended again."
)


@dataclass(frozen=True, slots=True)
class Given:
    """``secret`` is sent to an address; ``asked`` is a login that was made for it; ``start`` what was
    confirmed to be started, and nothing else is."""

    secret: Secret | None = None
    asked: TokenRequest | None = None
    start: Stdio | None = field(default=None, repr=False)


class CredentialScreen(Screen[Secret | None]):
    """Enter closes with the credential; Esc gives none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back", show=False)]

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield Static(plain(f"A credential for {one_line(self._target)}"), classes="title", markup=False)
        with Vertical(classes="main"):
            yield Static(_SAYS, markup=False)
            yield SecretLine(placeholder="the credential, or where it is", id="credential")
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(Key("Esc", "back", "screen.back"), Key("Enter", "diagnose with it", main=True))

    def on_mount(self) -> None:
        """It can be pasted at once."""
        self.query_one(SecretLine).focus()

    def on_input_submitted(self, event: SecretLine.Submitted) -> None:
        """Enter: read it, where it is named, and close."""
        event.stop()
        if self._worker is not None:
            return
        if not event.value.strip():
            self._problem("Paste the credential, or Esc goes back.")
            return
        reading = self._close_with(event.value)
        self._worker = self.run_worker(reading, group="credential", exclusive=True, description="")

    async def _close_with(self, text: str) -> None:
        try:
            secret = await asyncio.to_thread(_read, text)
        except AuthwizardError as problem:
            self._problem(" ".join(filter(None, (problem.title, problem.detail))))
            return
        finally:
            self._worker = None
        self.query_one(SecretLine).value = ""
        self.dismiss(secret)

    def action_back(self) -> None:
        """Close with none; what is still read is not waited for, and not sent."""
        if self._worker is not None:
            self._worker.cancel()
        self.dismiss(None)

    def _problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(Content.assemble(mark("broken", word=False), " ", plain(says)))
        line.set_class(True, "-shown")


class StartScreen(Screen[bool]):
    """Enter is the yes to starting this command; Esc is no."""

    CSS = """
    StartScreen #text { height: auto; }
    StartScreen #main:focus { background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Back", show=False),
        Binding("enter", "dismiss(True)", "Start it", show=False),
    ]

    def __init__(self, target: str, command: str, entry: Stdio) -> None:
        super().__init__()
        self._target, self._command, self._entry = target, command, entry

    def compose(self) -> ComposeResult:
        yield Static(plain(f"Start {one_line(self._target)}?"), classes="title", markup=False)
        with VerticalScroll(classes="main", id="main"):
            yield Rows(id="text")
        yield KeyBar(
            Key("Esc", "no", "screen.dismiss(False)"),
            Key("Enter", "start it", "screen.dismiss(True)", main=True),
        )

    def on_mount(self) -> None:
        """The whole command, before anything is done."""
        names = ", ".join(sorted(self._entry.env)) or "none of the entry's own"
        self.query_one(Rows).show(
            [
                row(self._command, "bold", indent=2),
                row(f"Folder: {self._entry.cwd or _here()}", indent=2),
                row(f"Variables: {names}", indent=2),
                GAP,
                row(_START_SAYS),
            ]
        )
        self.query_one("#main").focus()


class AddressLogin(LoginScreen):
    """The login that an address asks for; ``made`` is what it gave, for one diagnosis, and kept nowhere."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.made: TokenRequest | None = None

    async def _do(self) -> list[Row]:
        self.made = await jobs.logged_in(self._called, self.sitting.person())
        return [row("Logged in, for this diagnosis alone.", "bold", prefix=mark_of("works"))]


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return "the one that authwizard was started in, which is gone"


def _read(text: str) -> Secret:
    source = text.strip()
    if source.startswith("cmd:"):
        # what is pasted unseen into a masked field is not run
        raise UsageError("source-command", "No command is run from this field.", _AT_THE_SHELL)
    if _SOURCE.match(source):
        from wizard import vault

        return vault.parse_source(source).read()
    return Secret(text)
