"""Step 5: the live test. Each step says what was expected and what was seen, as it ends."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.livetest import LiveTestReport, Step
from wizard.methods import kinds
from wizard.names import LOGIN
from wizard.outcomes import counted
from wizard.setup.draft import Draft

from ..login.keys import LOGIN_KEYS, LoginKeys, Sitting
from ..login.panel import LoginPanel
from ..login.text import cut_off, exchanged, in_order, scope_rows
from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import GAP, Row, Rows, numbered, row
from ..words import mark, mark_of, one_line, pad, plain, say
from .base import StepScreen

if TYPE_CHECKING:
    from wizard.exchange import Exchange
    from wizard.oauth.model import Login

_ALLOW: Final = re.compile(r"--allow ([a-z][a-z-]*)")
_OF_PORTS: Final = frozenset({"callback-port-in-use-or-reserved", "redirect-uri-not-registered"})
"""Findings after which another port may help."""
_OWN: Final = (
    "A client that logs in by itself asks you once more. The next step says which; h there changes it."
)


class TestStep(LoginKeys, StepScreen):
    """The steps of the test as they finish, with the login where one is due; only a test that passed lets one go on."""

    __test__ = False  # pytest would take the name for a test
    CSS_PATH = "test.tcss"
    STEP = "test"
    MAIN_LABEL = "next: activate"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", "Run again", show=False, id="test.again"),
        Binding("d", "diagnose", "Diagnose", show=False, id="test.diagnose"),
        Binding("e", "exchanges", "Exchanges", show=False, id="test.exchanges"),
        Binding("l", "anew", "Log in anew", show=False, id="test.anew"),
        Binding("a", "allow", "Allow it", show=False, id="test.allow"),
        *LOGIN_KEYS,
    ]

    def main(self) -> VerticalScroll:
        """It takes the focus, so that arrows scroll: the steps of a login are many."""
        return VerticalScroll(classes="main", id="main")

    def compose_main(self) -> ComposeResult:
        self._steps: dict[str, Step] = {}
        self._worker: Worker[None] | None = None
        self._began = 0.0
        self._failure = ""
        self._once_more = False
        self.sitting = Sitting(self, again=self._restart, step=self._on_step, clock=self.work.clock)
        yield Static("", id="summary", markup=False)
        yield self.sitting.panel()
        yield Rows(id="verdict")
        yield Rows(id="steps")

    def on_mount(self) -> None:
        """A test that was done stays; otherwise it starts by itself."""
        self.set_interval(0.2, self._tick)
        if self.draft.test is not None:
            self._steps = {s.id: s for s in self.draft.test.steps}
            self._show()
        else:
            self.action_again()

    def guide(self) -> list[Row]:
        return [
            row("What is tested", "bold"),
            row(
                "Whether the service can be reached and is trusted; whether it refuses a request without your "
                "credential and with a false one; whether it accepts yours; which tools it then offers."
            ),
            GAP,
            row(
                "The false credential is random and well-formed. Yours goes to the service's own address only."
            ),
            *self._login_guide(),
            GAP,
            row("Marks", "bold"),
            *(row(mark(s)) for s in ("works", "broken", "untested", "running")),
        ]

    def _login_guide(self) -> list[Row]:
        method = self.draft.method
        if method is None or not kinds.get(method.kind).flows:
            return []
        return [
            GAP,
            row("The login", "bold"),
            row(
                "Each of its steps shows what was asked and how it was answered; e shows all of it. The page's address"
                " is for your browser alone: whoever opens it logs in in your place."
            ),
            row(
                "While it waits: c copies the address, o opens it, q is its QR code, p takes the address at which a"
                " browser ended that could not reach this machine, t is another port, Esc ends it."
            ),
            row("Afterwards: l logs in anew, as somebody else or after a change."),
        ]

    def keys(self) -> tuple[Key, ...]:
        if self._worker is not None:
            login = self.sitting.keys()
            cancel = Key("Esc", "cancel" if login else "cancel the test", "screen.back")
            return (cancel, *login, Key("F1", "guide", "screen.guide"))
        more = (
            Key("r", "run again", "screen.again"),
            Key("d", "diagnose", "screen.diagnose"),
            *self._further(),
        )
        ok = self.draft.test is not None and self.draft.test.ok
        back, guide, main = (
            Key("Esc", "back", "screen.back"),
            Key("F1", "guide", "screen.guide"),
            self.MAIN_LABEL,
        )
        return (back, *more, guide, *((Key("Enter", main, "screen.go", main=True),) if ok else ()))

    def _further(self) -> tuple[Key, ...]:
        """The keys that only some tests have."""
        keys = []
        if self._lenient():
            keys.append(Key("a", "allow it", "screen.allow"))
        if self._of_port():
            keys.append(Key("t", "port", "screen.login_port"))
        if LOGIN in self.draft.secrets:
            keys.append(Key("l", "log in anew", "screen.anew"))
        return (*keys, Key("e", "exchanges", "screen.exchanges")) if self._exchanges() else tuple(keys)

    def _lenient(self) -> str:
        """The leniency that the finding says would help."""
        found = self.draft.test.finding if self.draft.test else None
        named = (m[1] for step in (found.fix if found else ()) if (m := _ALLOW.search(step)))
        return next((name for name in named if name not in self.draft.allow), "")

    def _of_port(self) -> bool:
        found = self.draft.test.finding if self.draft.test else None
        return found is not None and found.cause in _OF_PORTS

    def _exchanges(self) -> list[Exchange]:
        seen = {e.number: e for s in self._steps.values() for e in s.exchanges}
        return [seen[number] for number in sorted(seen)]

    _worker: Worker[None] | None = None

    def action_again(self) -> None:
        """Run the test, from the beginning."""
        if self._worker is not None or not self.is_attached:
            return
        self.draft = setup.with_test(self.draft, None)
        self._steps, self._failure, self._once_more = {}, "", False
        self.sitting.over()
        self._began = self.work.clock()
        self._worker = self.run_worker(self._run(), group="test", exclusive=True, description="")
        self._show()

    async def _run(self) -> None:
        report: LiveTestReport | None = None
        try:
            tester = await asyncio.to_thread(self.work.tester)
            # a walk that is gone on with has its references, and not yet what they yield
            self.draft = await asyncio.to_thread(setup.read_sources, self.draft)
            report = await tester(self.draft, self.sitting.hear, self.sitting.person())
        except asyncio.CancelledError:
            self._failure = "The test was cancelled. r runs it again."
            self._steps = cut_off(self._steps)
            raise
        except AuthwizardError as error:
            self._failure = " ".join(part for part in (error.title, error.detail, *error.fix) if part)
        finally:
            self._worker = None
            if self.is_attached:
                self.sitting.over()
                if self.sitting.logins:
                    self.draft = setup.with_login(self.draft, self.sitting.logins[-1])
                if report is not None:
                    self._steps = {s.id: s for s in report.steps}
                    self.draft = setup.with_test(self.draft, report)
                self._show()
                self.query_one("#main").focus().scroll_home(animate=False)
                if self._once_more:
                    self.call_later(self.action_again)

    def _restart(self) -> None:
        """Run it as it is wanted now; what runs still ends first."""
        if self._worker is None:
            self.action_again()
            return
        self._once_more = True
        self._worker.cancel()

    def _on_step(self, step: Step) -> None:
        self._steps[step.id] = step
        self._show()

    def _tick(self) -> None:
        if self._worker is not None:
            self._show_summary()
            self.sitting.tick()

    def _show(self) -> None:
        self._show_summary()
        wide = self.app.size.width >= 60
        self.query_one("#steps", Rows).show(
            r for s in in_order(self._steps.values()) for r in self._lines(s, wide)
        )
        verdict = self._verdict()
        self.query_one("#verdict", Rows).show(verdict)
        self.query_one("#verdict").display = bool(verdict)
        self.query_one(KeyBar).show(*self.keys())
        self.say_problem("")

    def _show_summary(self) -> None:
        name = setup.name_of(self.draft)
        done = sum(1 for s in self._steps.values() if _ended(s))
        parts = [f"Test {name}"]
        if self._worker is not None:
            seconds = self.work.clock() - self._began
            parts.append(f"{done} done, {seconds:.1f} s" if done else f"starting, {seconds:.1f} s")
            waiting = [s for s in in_order(self._steps.values()) if not _ended(s)]
            waiting.sort(key=lambda s: not s.awaited)
            parts.append(next((s.title or s.id for s in waiting), ""))
        elif self._steps:
            parts.append(_count(self._steps.values(), self.draft.test))
        line = Content("   ").join(
            plain(one_line(p), "bold" if i == 0 else "") for i, p in enumerate(parts) if p
        )
        self.query_one("#summary", Static).update(line)

    def _lines(self, step: Step, wide: bool) -> list[Row]:
        state = {True: "works", False: "broken", None: "untested" if _ended(step) else "running"}[step.ok]
        seen = step.seen or step.awaited
        if step.ok is False and step.expected:
            seen = f"expected {step.expected}, saw {step.seen or 'nothing'}"
        said = [plain(one_line(seen), "" if step.ok is False else "$muted")] if seen else []
        if step.detail and step.ok is not True:
            said.append(plain(one_line(step.detail), "$muted"))
        if wide and (sent := exchanged(step)):
            said.append(plain(sent, "$muted"))
        body = Content("\n").join(said)
        title = one_line(step.title or step.id)
        if wide:
            return [Row(body, Content.assemble(mark(state, word=False), " ", pad(title, 32), "  "))]
        first = Row(Content(title), Content.assemble(mark(state, word=False), " "))
        return [first, Row(body, Content("    "))] if said else [first]

    def _verdict(self) -> list[Row]:
        rows = self._answer()
        if self.draft.allow:
            rows.append(
                row(f"allowed for this connection: {', '.join(self.draft.allow)}", prefix=mark_of("warning"))
            )
        if self.draft.test is not None and (login := self._login()) is not None:
            rows += scope_rows(login)
            if self.draft.test.ok:
                rows.append(row(_OWN, "$muted"))
        return rows

    def _login(self) -> Login | None:
        from wizard.oauth import kept

        document = self.draft.secrets.get(LOGIN)
        if document:
            return kept.from_secret(document)
        return self.sitting.logins[-1] if self.sitting.logins else None

    def _answer(self) -> list[Row]:
        report = self.draft.test
        if self._failure:
            return [row(self._failure, prefix=mark_of("broken"))]
        if report is None:
            return []
        if report.ok:
            number = len(report.tools)
            tools = f" {counted(number, 'tool')} {'is' if number == 1 else 'are'} offered." if number else ""
            return [
                row(f"It works: the service accepts your credential.{tools}", "bold", prefix=mark_of("works"))
            ]
        if report.finding is None:
            says = "The test failed, as shown above. d looks for the cause, r runs it again."
            return [row(says, "bold", prefix=mark_of("broken"))]
        return [
            row(report.finding.title, "bold", prefix=mark_of("broken")),
            *numbered(report.finding.fix, indent=2),
            row(" ".join(("d shows the proof, r runs the test again.", *self._offers())), "$muted"),
        ]

    def _offers(self) -> list[str]:
        lenient = self._lenient()
        offers = [f"a allows `{lenient}` for this connection, and runs it again."] if lenient else []
        return [*offers, "t takes another port."] if self._of_port() else offers

    def action_go(self) -> None:
        if self._worker is not None:
            self.say_problem(say("The test is still running. Esc cancels it."))
            return
        if self.draft.test is not None and not self.draft.test.ok:
            self.say_problem(
                "Nothing is written for a connection that fails. d looks for the cause, r runs again."
            )
            return
        super().action_go()

    def leave(self) -> None:
        if self.query_one(LoginPanel).close():
            self.query_one("#main").focus()
            return
        if self._worker is not None:
            self._once_more = False
            self._worker.cancel()
            return
        super().leave()

    def action_diagnose(self) -> None:
        """Look for the cause, with everything that this walk knows."""
        if self._worker is not None:
            return
        from ..diagnose.screen import DiagnoseScreen

        self.app.push_screen(DiagnoseScreen(setup.name_of(self.draft), draft=self.draft))

    def action_open(self) -> None:
        """Open the page of the login once more, where one waits."""
        if self.sitting.asked is not None:
            self.sitting.open_again()
            return
        super().action_open()

    def action_login_port(self) -> None:
        """Also after a test that found the port taken."""
        if self._worker is None and self._of_port():
            self.sitting.choose_port()
            return
        super().action_login_port()

    def action_anew(self) -> None:
        """Forget the login of this walk, and log in again."""
        if self._worker is None and LOGIN in self.draft.secrets:
            self.draft = setup.without_login(self.draft)
            self.action_again()

    def action_allow(self) -> None:
        """Allow this connection what the finding names, and run again."""
        if self._worker is None and (name := self._lenient()):
            self.draft = setup.with_allow(self.draft, (*self.draft.allow, name))
            self.action_again()

    def action_exchanges(self) -> None:
        """The requests of the login, redacted."""
        if self._exchanges():
            from ..diagnose.details import DetailsScreen
            from ..diagnose.sheets import of_exchanges

            self.app.push_screen(DetailsScreen([of_exchanges(self._exchanges())]))

    def collect(self) -> Draft:
        return self.draft


def _count(steps: Iterable[Step], report: LiveTestReport | None) -> str:
    """How the steps ended: ``12 passed, 3 not needed``. One that was not run is not one that failed."""
    number = Counter(s.ok for s in steps)
    rest = "not needed" if report is not None and report.ok else "not run"
    told = ((number[True], "passed"), (number[False], "failed"), (number[None], rest))
    return ", ".join(f"{many} {how}" for many, how in told if many)


def _ended(step: Step) -> bool:
    return step.ok is not None or bool(step.seen or step.detail or step.seconds)
