"""Step 5: the live test. Each step says what was expected and what was seen, as it ends."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker

from wizard import setup
from wizard.errors import AuthwizardError
from wizard.livetest import LiveTestReport, Step
from wizard.outcomes import counted
from wizard.setup.draft import Draft

from ..widgets.keybar import Key, KeyBar
from ..widgets.rows import GAP, Row, Rows, numbered, row
from ..words import mark, mark_of, one_line, pad, plain, say
from .base import StepScreen


class TestStep(StepScreen):
    """The steps of the test as they finish; only a test that passed lets one go on."""

    __test__ = False  # pytest would take the name for a test
    CSS_PATH = "test.tcss"
    STEP = "test"
    MAIN_LABEL = "next: activate"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", "Run again", show=False, id="test.again"),
        Binding("d", "diagnose", "Diagnose", show=False, id="test.diagnose"),
    ]

    def compose_main(self) -> ComposeResult:
        self._steps: dict[str, Step] = {}
        self._worker: Worker[None] | None = None
        self._began = 0.0
        self._failure = ""
        yield Static("", id="summary", markup=False)
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
            GAP,
            row("Marks", "bold"),
            *(row(mark(s)) for s in ("works", "broken", "untested", "running")),
        ]

    def keys(self) -> tuple[Key, ...]:
        if self._worker is not None:
            return (Key("Esc", "cancel the test", "screen.back"), Key("F1", "guide", "screen.guide"))
        more = (Key("r", "run again", "screen.again"), Key("d", "diagnose", "screen.diagnose"))
        ok = self.draft.test is not None and self.draft.test.ok
        back, guide, main = (
            Key("Esc", "back", "screen.back"),
            Key("F1", "guide", "screen.guide"),
            self.MAIN_LABEL,
        )
        return (back, *more, guide, *((Key("Enter", main, "screen.go", main=True),) if ok else ()))

    _worker: Worker[None] | None = None

    def action_again(self) -> None:
        """Run the test, from the beginning."""
        if self._worker is not None:
            return
        self.draft = setup.with_test(self.draft, None)
        self._steps, self._failure = {}, ""
        self._began = self.work.clock()
        self._worker = self.run_worker(self._run(), group="test", exclusive=True, description="")
        self._show()

    async def _run(self) -> None:
        report: LiveTestReport | None = None
        try:
            tester = await asyncio.to_thread(self.work.tester)
            # a walk that is gone on with has its references, and not yet what they yield
            self.draft = await asyncio.to_thread(setup.read_sources, self.draft)
            report = await tester(self.draft, self._on_step)
        except asyncio.CancelledError:
            self._failure = "The test was cancelled. r runs it again."
            raise
        except AuthwizardError as error:
            self._failure = " ".join(part for part in (error.title, error.detail, *error.fix) if part)
        finally:
            self._worker = None
            if self.is_attached:
                if report is not None:
                    self._steps = {s.id: s for s in report.steps}
                    self.draft = setup.with_test(self.draft, report)
                self._show()

    def _on_step(self, step: Step) -> None:
        self._steps[step.id] = step
        self._show()

    def _tick(self) -> None:
        if self._worker is not None:
            self._show_summary()

    def _show(self) -> None:
        self._show_summary()
        wide = self.app.size.width >= 60
        self.query_one("#steps", Rows).show(r for s in self._steps.values() for r in self._lines(s, wide))
        self.query_one("#verdict", Rows).show(self._verdict())
        self.query_one(KeyBar).show(*self.keys())
        self.say_problem("")

    def _show_summary(self) -> None:
        name = setup.name_of(self.draft)
        done = sum(1 for s in self._steps.values() if _ended(s))
        parts = [f"Test {name}"]
        if self._worker is not None:
            seconds = self.work.clock() - self._began
            parts.append(f"{done} done, {seconds:.1f} s" if done else f"starting, {seconds:.1f} s")
            current = next((s.title or s.id for s in self._steps.values() if not _ended(s)), "")
            parts.append(current)
        elif self._steps:
            good = sum(1 for s in self._steps.values() if s.ok)
            parts.append(f"{good} of {len(self._steps)} steps passed")
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
        body = Content("\n").join(said)
        title = one_line(step.title or step.id)
        if wide:
            return [Row(body, Content.assemble(mark(state, word=False), " ", pad(title, 32), "  "))]
        first = Row(Content(title), Content.assemble(mark(state, word=False), " "))
        return [first, Row(body, Content("    "))] if said else [first]

    def _verdict(self) -> list[Row]:
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
            row("d shows the proof, r runs the test again.", "$muted"),
        ]

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

    def action_back(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            return
        super().action_back()

    def action_diagnose(self) -> None:
        """Look for the cause, with everything that this walk knows."""
        if self._worker is not None:
            return
        from ..diagnose.screen import DiagnoseScreen

        self.app.push_screen(DiagnoseScreen(setup.name_of(self.draft), draft=self.draft))

    def collect(self) -> Draft:
        return self.draft


def _ended(step: Step) -> bool:
    return step.ok is not None or bool(step.seen or step.detail or step.seconds)
