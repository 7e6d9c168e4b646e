"""The token screen: what a token says, and on demand what its issuer says of it, without showing it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker

from wizard.errors import AuthwizardError
from wizard.livetest import Step
from wizard.secret import Secret

from .help import HELP, HelpScreen
from .token_text import explained, steps
from .widgets.inputs import Line, SecretLine
from .widgets.keybar import Key, KeyBar
from .widgets.rows import GAP, Rows
from .words import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.issuer_says import Wishes
    from diagnostics.token import TokenReport

_SOURCE = re.compile(r"(env|file|cmd|keyring):\S")
_PASTE, _SHOWN, _CLIENT = "paste", "shown", "client"
_ISSUER = 100


class TokenScreen(Screen[None]):
    """In one of three states: a field to paste into, what was decoded and asked, and fields for the client that asks.
    ``secret`` is kept while it is shown, so that its issuer can be asked about it."""

    CSS_PATH = "token.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("enter", "go", "Go on", show=False),
        Binding("v", "verify", "Verify", show=False, id="token.verify"),
        Binding("u", "userinfo", "User info", show=False, id="token.userinfo"),
        Binding("i", "introspect", "Introspect", show=False, id="token.introspect"),
        Binding("n", "another", "Another token", show=False, id="token.another"),
        Binding("f1", "help", "Help", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._stage = _PASTE
        self._secret: Secret | None = None
        self._report: TokenReport | None = None
        self._steps: dict[str, Step] = {}
        self._worker: Worker[None] | None = None
        self._wants = ""

    def compose(self) -> ComposeResult:
        yield Static("Token", classes="title", markup=False)
        with VerticalScroll(classes="main", id="main", can_focus=True):
            with Vertical(id="paste"):
                yield Static(
                    "Paste a token. It is decoded here, sent nowhere and not shown.",
                    classes="head",
                    markup=False,
                )
                yield SecretLine(placeholder="the token, or where it is: env:VARIABLE, file:PATH", id="token")
            with Vertical(id="client"):
                yield Static("", id="client-head", classes="head", markup=False)
                yield Line(placeholder="the issuer's address", id="issuer")
                yield Line(placeholder="client id; empty: the token is sent alone", id="client-id")
                yield SecretLine(
                    placeholder="client secret, or where it is: env:VARIABLE, file:PATH", id="client-secret"
                )
            yield Rows(id="steps")
            yield Rows(id="answer")
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Ready to paste."""
        self._turn(_PASTE)

    def _keys(self) -> tuple[Key, ...]:
        back = Key("Esc", "cancel" if self._worker else "back", "screen.back")
        more = Key("F1", "help", "screen.help")
        if self._worker is not None:
            return back, more
        if self._stage == _PASTE:
            return back, more, Key("Enter", "explain", "screen.go", main=True)
        if self._stage == _CLIENT:
            return back, more, Key("Enter", "ask", "screen.go", main=True)
        return (
            back,
            Key("v", "check its signature", "screen.verify"),
            Key("u", "user info", "screen.userinfo"),
            Key("i", "introspect", "screen.introspect"),
            Key("n", "another", "screen.another"),
            more,
        )

    def _turn(self, stage: str) -> None:
        self._stage = stage
        self.query_one("#paste").display = stage == _PASTE
        self.query_one("#client").display = stage == _CLIENT
        self.query_one("#steps").display = self.query_one("#answer").display = stage != _CLIENT
        self.query_one(KeyBar).show(*self._keys())
        self._problem("")
        if stage == _PASTE:
            self.query_one("#token").focus()
        elif stage == _SHOWN:
            self.query_one("#main").focus()

    def _problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(says)
        line.set_class(bool(says), "-shown")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, and from the last one on."""
        if event.input.id == "issuer" and self._wants == "introspect":
            self.query_one("#client-id").focus()
        elif event.input.id == "client-id" and event.value.strip():
            self.query_one("#client-secret").focus()
        else:
            self.action_go()

    def action_go(self) -> None:
        """Explain what was pasted, or ask what was wished for."""
        from diagnostics.issuer_says import Wishes

        if self._worker is not None:
            return
        if self._stage == _PASTE:
            self._start(Wishes())
        elif self._stage == _CLIENT:
            self._ask_with_fields()

    def _ask_with_fields(self) -> None:
        from diagnostics.issuer_says import Wishes

        issuer = self.query_one("#issuer", Line).value.strip()
        client = self.query_one("#client-id", Line).value.strip()
        field = self.query_one("#client-secret", SecretLine)
        try:
            secret = _read(field.value) if field.value else None
        except AuthwizardError as error:
            self._problem(_words(error))
            return
        if secret is not None and not client:
            self._problem("A client secret goes with a client id.")
            return
        field.value = ""
        asks = self._wants == "introspect"
        self._start(
            Wishes(
                verify=self._wants == "verify",
                userinfo=self._wants == "userinfo",
                introspect=asks,
                client_id=client if asks else "",
                client_secret=secret if asks else None,
                issuer=issuer,
            )
        )

    def action_verify(self) -> None:
        """Check the signature by the issuer's published keys."""
        self._wish("verify")

    def action_userinfo(self) -> None:
        """Ask the issuer whom the token is for."""
        self._wish("userinfo")

    def action_introspect(self) -> None:
        """Ask the issuer whether the token is active; which client asks is asked first."""
        self._wish("introspect")

    def _wish(self, what: str) -> None:
        from diagnostics.issuer_says import Wishes

        if self._stage != _SHOWN or self._worker is not None or self._report is None:
            return
        self._wants = what
        issuer = self._report.issuer
        named = issuer is not None
        needless = what == "verify" and self._report.kind != "jwt"
        if (named or needless) and what != "introspect":
            self._start(Wishes(verify=what == "verify", userinfo=what == "userinfo"))
            return
        self._turn(_CLIENT)
        # a token says itself who issued it, and nobody has checked that: who gives a secret has to see where it goes
        whom = shortened(one_line(issuer), _ISSUER) if issuer else "the issuer that you name"
        head = f"Which client asks? Its secret goes to {whom} alone, and is not shown."
        if what != "introspect":
            head = "The token does not say who issued it. Name the issuer; the token is sent there."
        self.query_one("#client-head", Static).update(head)
        self.query_one("#issuer").display = not named
        for part in ("#client-id", "#client-secret"):
            self.query_one(part).display = what == "introspect"
        self.query_one("#client-id" if named else "#issuer").focus()

    def action_another(self) -> None:
        """Forget this token, and ask for another one."""
        if self._stage != _SHOWN or self._worker is not None:
            return
        self._secret, self._report, self._steps = None, None, {}
        for rows in ("#steps", "#answer"):
            self.query_one(rows, Rows).show([])
        self._turn(_PASTE)

    def _start(self, wishes: Wishes) -> None:
        if self._stage == _PASTE and not self.query_one("#token", SecretLine).value:
            self._problem("Paste a token first.")
            return
        self._steps = {}
        self._worker = self.run_worker(self._run(wishes), group="token", exclusive=True, description="")
        if self._stage == _CLIENT:
            self._turn(_SHOWN)
        self.query_one(KeyBar).show(*self._keys())

    async def _run(self, wishes: Wishes) -> None:
        trouble, stage = "", _SHOWN
        try:
            if self._stage == _PASTE:
                text = self.query_one("#token", SecretLine).value
                stage = _PASTE
                self._secret = await asyncio.to_thread(_read, text)
                self.query_one("#token", SecretLine).value = ""
                stage = _SHOWN
            if self._secret is not None:
                self._report = await ask(self._secret, wishes, self._on_step)
                for rows in self.query("#answer").results(Rows):  # none: the screen was closed meanwhile
                    rows.show(explained(self._report))
        except asyncio.CancelledError:
            trouble = "Cancelled. Nothing more is asked."
            self._steps = {}
            raise
        except AuthwizardError as error:
            trouble = _words(error)
        finally:
            self._worker = None
            if self.is_attached and self.query("#answer"):
                self._turn(stage if self._report is not None or stage == _PASTE else _PASTE)
                self._live()
                self._problem(trouble)

    def _on_step(self, step: Step) -> None:
        self._steps[step.id] = step
        self._live()

    def _live(self) -> None:
        rows = steps(self._steps.values())
        self.query_one("#steps", Rows).show([*rows, GAP] if rows else [])

    def action_help(self) -> None:
        """What this screen does."""
        self.app.push_screen(HelpScreen("Token", HELP["token"]))

    def action_back(self) -> None:
        """Cancel what runs; from the fields to the token; else close."""
        if self._worker is not None:
            self._worker.cancel()
        elif self._stage == _CLIENT:
            self.query_one("#client-secret", SecretLine).value = ""
            self._turn(_SHOWN)
        else:
            self.app.pop_screen()


def _read(text: str) -> Secret:
    if _SOURCE.match(text):
        from wizard import vault

        return vault.parse_source(text).read()
    return Secret(text)


async def ask(secret: Secret, wishes: Wishes, on_step: Callable[[Step], None]) -> TokenReport:
    """Explain a token, and ask its issuer what is wished for. Raises: AuthwizardError."""
    from diagnostics import issuer_says
    from wizard.transport import Transport

    async with Transport(timeout=10.0) as transport:
        return await issuer_says.examine(secret, wishes, transport, on_step=on_step)


def _words(error: AuthwizardError) -> str:
    return " ".join(part for part in (error.title, error.detail, *error.fix) if part)
