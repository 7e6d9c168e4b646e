"""What a person gives to a diagnosis beside its target: a credential, a login, the yes to starting a program."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard.errors import AuthwizardError
from wizard.secret import Secret

from .. import jobs
from ..login.screen import LoginScreen
from ..widgets.inputs import SecretLine
from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import Row, Rows, row
from ..words import mark, mark_of, one_line, plain

if TYPE_CHECKING:
    from diagnostics.steps.token_request import TokenRequest

_SOURCE: Final = re.compile(r"(env|file|keyring|cmd):")
_SAYS: Final = (
    "It is sent to this address only, as Authorization: Bearer, and kept nowhere. Paste it, or name where it is:"
    " env:VARIABLE, file:PATH."
)
_START_SAYS: Final = (
    "This is the command of the entry. It runs on this machine, with what the entry gives it, is asked for its tools,"
    " and is ended again."
)


@dataclass(frozen=True, slots=True)
class Given:
    """``secret`` is sent to an address; ``asked`` is a login that was made for it; ``start`` the yes to the command."""

    secret: Secret | None = None
    asked: TokenRequest | None = None
    start: bool = False


class CredentialScreen(Screen[Secret | None]):
    """Enter closes with the credential; Esc gives none."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back", show=False)]

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target

    def compose(self) -> ComposeResult:
        yield Static(plain(f"A credential for {one_line(self._target)}"), classes="title", markup=False)
        with Vertical(classes="main"):
            yield Static(_SAYS, markup=False)
            yield SecretLine(placeholder="the credential, or where it is", id="credential")
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(Key("Esc", "back", "screen.dismiss(None)"), Key("Enter", "diagnose with it", main=True))

    def on_mount(self) -> None:
        """It can be pasted at once."""
        self.query_one(SecretLine).focus()

    async def on_input_submitted(self, event: SecretLine.Submitted) -> None:
        """Enter: read it, where it is named, and close."""
        event.stop()
        field = self.query_one(SecretLine)
        if not field.value.strip():
            self._problem("Paste the credential, or Esc goes back.")
            return
        try:
            secret = await asyncio.to_thread(_read, field.value)
        except AuthwizardError as problem:
            self._problem(" ".join(filter(None, (problem.title, problem.detail))))
            return
        field.value = ""
        self.dismiss(secret)

    def _problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(Content.assemble(mark("broken", word=False), " ", plain(says)))
        line.set_class(True, "-shown")


class StartScreen(Screen[bool]):
    """Enter is the yes to starting this command; Esc is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Back", show=False),
        Binding("enter", "dismiss(True)", "Start it", show=False),
    ]

    def __init__(self, target: str, command: str) -> None:
        super().__init__()
        self._target, self._command = target, command

    def compose(self) -> ComposeResult:
        yield Static(plain(f"Start {one_line(self._target)}?"), classes="title", markup=False)
        with Vertical(classes="main"):
            yield Rows(id="text")
        yield KeyBar(
            Key("Esc", "no", "screen.dismiss(False)"),
            Key("Enter", "start it", "screen.dismiss(True)", main=True),
        )

    def on_mount(self) -> None:
        """The whole command, before anything is done."""
        self.query_one(Rows).show([row(self._command, "bold", indent=2), row(""), row(_START_SAYS)])


class AddressLogin(LoginScreen):
    """The login that an address asks for; ``made`` is what it gave, for one diagnosis, and kept nowhere."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.made: TokenRequest | None = None

    async def _do(self) -> list[Row]:
        self.made = await jobs.logged_in(self._called, self.sitting.person())
        return [row("Logged in, for this diagnosis alone.", "bold", prefix=mark_of("works"))]


def _read(text: str) -> Secret:
    if _SOURCE.match(text):
        from wizard import vault

        return vault.parse_source(text.strip()).read()
    return Secret(text)
