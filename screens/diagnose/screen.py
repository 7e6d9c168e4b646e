"""One screen in three states: what fails, the questions as they are answered, the findings."""

from __future__ import annotations

import asyncio
from time import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from wizard.errors import AuthwizardError

from ..help import HELP, HelpScreen
from ..widgets.inputs import Line
from ..widgets.keybar import Key, KeyBar
from ..widgets.lists import Choice
from ..widgets.panel import Panel
from ..widgets.rows import GAP, Row, Rows, row
from ..words import mark, mark_of, one_line, plain
from .text import diagnosis_rows, offer_rows, probe_rows, trouble_rows

if TYPE_CHECKING:
    from pathlib import Path

    from diagnostics.doctor import Diagnosis, ProbeState
    from diagnostics.offers import Offers
    from diagnostics.watch import Watch
    from wizard.entries import Stdio
    from wizard.secret import Secret
    from wizard.setup.draft import Draft

    from ..app import Authwizard
    from ..jobs import Looked
    from .given import AddressLogin, Given


_LOG_IN = "authwizard login"
"""How a finding says that one has to log in."""


class DiagnoseScreen(Screen[None]):
    """``target`` is what the contract calls a TARGET, or empty to ask for one; a draft is diagnosed as it stands."""

    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("r", "again", "Run again", show=False, id="diagnose.again"),
        Binding("e", "sheet('e')", "Exchanges", show=False, id="diagnose.exchanges"),
        Binding("t", "sheet('t')", "The token", show=False, id="diagnose.token"),
        Binding("h", "sheet('h')", "Have, need, missing", show=False, id="diagnose.permissions"),
        Binding("f", "sheet('f')", "Files", show=False, id="diagnose.files"),
        Binding("m", "sheet('m')", "The report", show=False, id="diagnose.report"),
        Binding("s", "save", "Save the case", show=False, id="diagnose.save"),
        Binding("c", "copy", "Copy it, or the letter for the admin", show=False, id="diagnose.copy"),
        Binding("n", "another", "Another target", show=False, id="diagnose.another"),
        Binding("l", "log_in", "Log in", show=False, id="diagnose.log_in"),
        Binding("g", "give", "Give a credential", show=False, id="diagnose.give"),
        Binding("x", "start", "Start its command", show=False, id="diagnose.start"),
        Binding("f1", "help", "Help", show=False),
    ]

    def __init__(self, target: str = "", draft: Draft | None = None) -> None:
        super().__init__()
        self._target = target
        self._draft = draft
        self._probes: dict[str, ProbeState] = {}
        self._diagnosis: Diagnosis | None = None
        self._looked: Looked | None = None
        self._trouble: tuple[Row, ...] = ()
        self._worker: Worker[None] | None = None
        self._began = 0.0
        self._saved = False
        self._given: Given | None = None
        self._watch: Watch | None = None
        self._waits = ""

    def compose(self) -> ComposeResult:
        yield Static(plain("Diagnose"), id="title", classes="title", markup=False)
        with Vertical(id="ask", classes="main"):
            yield Static("What fails?", classes="head", markup=False)
            yield Line(self._target, placeholder="a URL, a connection's name, or CLIENT:SERVER", id="target")
            yield Choice(id="known")
        with Horizontal(id="answer", classes="body"):
            with VerticalScroll(classes="main", id="main"):
                yield Rows(id="text")
            yield Panel()
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Ask, or begin."""
        self.set_interval(0.2, self._tick)
        if self._target or self._draft is not None:
            self.action_again()
        else:
            self._ask()

    def _keys(self) -> tuple[Key, ...]:
        back, help_ = Key("Esc", "back", "screen.back"), Key("F1", "help", "screen.help")
        if self._worker is not None:
            return (Key("Esc", "cancel", "screen.back"),)
        if self._diagnosis is not None:
            from diagnostics.letters import copied

            letter = copied(self._diagnosis)[1]
            return (
                back,
                *self._ways(),
                Key("c", "copy for the admin" if letter else "copy", "screen.copy"),
                Key("e", "details", "screen.sheet('e')"),
                Key("s", "save", "screen.save"),
                Key("n", "another", "screen.another"),
                help_,
                Key("r", "run again", "screen.again", main=True),
            )
        if self._trouble:
            again, another = (
                Key("r", "run again", "screen.again", main=True),
                Key("n", "another", "screen.another"),
            )
            return (back, another, help_, again)
        return (back, Key("Tab", "move"), help_, Key("Enter", "diagnose", main=True))

    def _ways(self) -> tuple[Key, ...]:
        """The keys for what else can be done at once."""
        login = self._wants_login() or self._offers.login
        return (
            *((Key("l", "log in", "screen.log_in"),) if login else ()),
            *((Key("g", "give a credential", "screen.give"),) if self._offers.credential else ()),
            *((Key("x", "start it", "screen.start"),) if self._offers.start else ()),
        )

    @property
    def _offers(self) -> Offers:
        from diagnostics.offers import Offers

        return (self._looked.offers if self._looked else None) or Offers()

    def _wants_login(self) -> bool:
        """Whether a login is the way out, and is for a connection to make."""
        found = self._diagnosis
        said = (s for f in (*found.findings, *found.warnings) for s in f.fix) if found else ()
        return self._draft is None and self._saved and any(_LOG_IN in s for s in said)

    def _state(self, *, asking: bool) -> None:
        self.query_one("#ask").display = asking
        self.query_one("#answer").display = not asking
        self.query_one(KeyBar).show(*self._keys())

    def _ask(self) -> None:
        self._state(asking=True)
        self.query_one("#target", Line).focus()
        self.run_worker(self._known(), group="known", exclusive=True, description="")

    async def _known(self) -> None:
        from .. import jobs

        lines = await asyncio.to_thread(jobs.known_targets)
        self.query_one("#known", Choice).fill(
            Option(
                Content.assemble(plain(one_line(target)), "  ", plain(one_line(title), "$muted")),
                id=target,
            )
            for target, title in lines
        )

    def on_option_list_option_selected(self, event: Choice.OptionSelected) -> None:
        """Enter on a known target."""
        self._begin(event.option_id or "")

    def on_input_submitted(self, event: Line.Submitted) -> None:
        """Enter in the field."""
        self._begin(event.value.strip())

    def _begin(self, target: str) -> None:
        if not target:
            self._problem("Type a URL, or Tab to the list and choose.")
            return
        self._target, self._given = target, None
        self.action_again()

    def action_again(self) -> None:
        """Diagnose, from the beginning."""
        if self._worker is not None or not (self._target or self._draft):
            return
        from time import monotonic

        from diagnostics.watch import Watch

        self._probes, self._diagnosis, self._looked, self._trouble = {}, None, None, ()
        self._began, self._watch, self._waits = monotonic(), Watch(), ""
        self._problem("")
        self._worker = self.run_worker(self._run(), group="diagnose", exclusive=True, description="")
        self._state(asking=False)
        self.query_one("#main").focus()
        self._show()

    async def _run(self) -> None:
        from .. import jobs

        try:
            subject = self._draft if self._draft is not None else self._target
            self._saved = await asyncio.to_thread(jobs.logs_in, self._target)
            self._looked = await jobs.diagnose(subject, self._on_probe, given=self._given, watch=self._watch)
            self._diagnosis = self._looked.diagnosis
            self._remember(self._diagnosis)
        except asyncio.CancelledError:
            self._trouble = (row("Cancelled.", "bold", prefix=mark_of("untested")),)
            raise
        except AuthwizardError as error:
            self._trouble = trouble_rows(error)
        finally:
            self._worker = None
            if self.is_attached:
                self._state(asking=False)
                self._show()

    def _remember(self, diagnosis: Diagnosis) -> None:
        """Home shows by its line what came of it."""
        if (outcome := diagnosis.outcome(time())) is not None:
            cast("Authwizard", self.app).remember(self._target, outcome)

    def _on_probe(self, probe: ProbeState) -> None:
        self._probes[probe.id] = probe
        self._show()

    def _tick(self) -> None:
        if self._worker is None or self._watch is None:
            return
        if (waits := self._watch.waits()) != self._waits:
            self._waits = waits
            self._show()
        else:
            self._show_title()

    def _problem(self, says: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(Content.assemble(mark("broken", word=False), " ", plain(says)) if says else "")
        line.set_class(bool(says), "-shown")

    def _show_title(self) -> None:
        from time import monotonic

        parts = ["Diagnose"]
        if self._target:
            parts = [self._target]
        title = plain(one_line(parts[0]))
        if self._worker is not None:
            ended = sum(p.state in ("done", "skipped", "failed") for p in self._probes.values())
            count = f"   {ended} of {len(self._probes)}" if self._probes else ""
            state = Content.assemble("   ", mark("running"), f"{count}   {monotonic() - self._began:.1f} s")
        elif self._diagnosis is not None:
            from diagnostics.report import state as said

            word = self._diagnosis.verdict
            kind = {"healthy": "works", "undetermined": "warning"}.get(word, "broken")
            state = Content.assemble("   ", mark(kind, word=False), " ", plain(said(self._diagnosis)))
        else:
            state = Content("")
        self.query_one("#title", Static).update(Content.assemble(title, state))

    def _show(self) -> None:
        self._show_title()
        probes = probe_rows(self._probes.values())
        text = self.query_one("#text", Rows)
        if self._diagnosis is None:
            waits = f"{self._waits}. Esc ends it with what is known so far." if self._waits else ""
            waiting = [row(waits, "$text-accent", prefix=mark_of("running")), GAP] if waits else []
            text.show([*waiting, *self._trouble, *([GAP] if self._trouble and probes else []), *probes])
            self.query_one(Panel).show([row(HELP["diagnose"])])
            return
        text.show([*diagnosis_rows(self._diagnosis, offer_rows(self._offers))])
        self.query_one(Panel).show([row("What was asked", "bold"), *probes])

    def action_sheet(self, key: str) -> None:
        """What lies behind the findings: exchanges, token, permissions, files, the report."""
        if self._looked is None or self._worker is not None:
            return
        from .. import jobs
        from .details import DetailsScreen
        from .sheets import sheets

        made = sheets(self._looked, self._probes.values(), jobs.token_of(self._looked))
        self.app.push_screen(DetailsScreen(made, key))

    def action_save(self) -> None:
        """Write the case into a file, to send it to somebody."""
        if self._looked is not None and self._worker is None:
            from .save import SaveScreen

            self.app.push_screen(SaveScreen(self._looked), self._saved_at)

    def _saved_at(self, path: Path | None) -> None:
        if path is not None:
            self.notify(f"Saved: {path}. authwizard doctor --replay {path} judges it again.", markup=False)

    def action_copy(self) -> None:
        """The letter for the one who must act, or else the diagnosis; it goes to the clipboard."""
        if self._diagnosis is None:
            return
        from diagnostics.letters import copied

        text, whom = copied(self._diagnosis)
        self.app.copy_to_clipboard(text)
        what = f"a letter to {whom}" if whom else "what the diagnosis came to"
        self.notify(f"Copied: {what}. It holds no secret.", markup=False)

    def action_help(self) -> None:
        """What this screen does."""
        self.app.push_screen(HelpScreen("Diagnose", HELP["diagnose"]))

    def action_log_in(self) -> None:
        """Log in where that is what a finding wants, then look once more."""
        if self._worker is not None:
            return
        if self._offers.login:
            from .given import AddressLogin

            login = AddressLogin(self._target)
            self.app.push_screen(login, lambda done: self._with_login(login) if done else None)
        elif self._wants_login():
            from ..login.screen import LoginScreen

            self.app.push_screen(LoginScreen(self._target), self._logged_in)

    def _with_login(self, login: AddressLogin) -> None:
        from .given import Given

        self._given = Given(asked=login.made)
        self.action_again()

    def action_give(self) -> None:
        """Give a credential for the address, then look once more."""
        if self._worker is None and self._offers.credential:
            from .given import CredentialScreen

            self.app.push_screen(CredentialScreen(self._target), self._with_secret)

    def _with_secret(self, secret: Secret | None) -> None:
        if secret is not None:
            from .given import Given

            self._given = Given(secret=secret)
            self.action_again()

    def action_start(self) -> None:
        """Start the command of the entry, once it was seen and confirmed, and look once more."""
        if self._worker is None and (entry := self._offers.entry) is not None:
            from .given import StartScreen

            self.app.push_screen(
                StartScreen(self._target, self._offers.start, entry),
                lambda yes: self._with_start(entry) if yes else None,
            )

    def _with_start(self, entry: Stdio) -> None:
        from .given import Given

        self._given = Given(start=entry)
        self.action_again()

    def _logged_in(self, done: bool | None) -> None:
        if done:
            self.action_again()

    def action_another(self) -> None:
        """Ask for another target: an address, a connection, an entry."""
        if self._worker is not None or not (self._diagnosis or self._trouble):
            return
        if self._diagnosis:  # what could not be diagnosed may only be mistyped
            self.query_one("#target", Line).value = ""
        self._diagnosis, self._looked, self._draft, self._trouble = None, None, None, ()
        self._given = None
        self._show_title()
        self._ask()

    def action_back(self) -> None:
        """End what runs with what is known so far, the second time at once; else close."""
        if self._worker is not None:
            if self._watch is not None and self._watch.begun and not self._watch.stopped:
                self._watch.stop()
            else:
                self._worker.cancel()
            return
        self.app.pop_screen()
