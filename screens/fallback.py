"""The fallback of a connection: tested where it is, and switched to once what would be written was seen."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard import fallbacks, outcomes
from wizard.errors import AuthwizardError
from wizard.livetest import LiveTestReport, Step

from .setup.work import shortened
from .widgets.keybar import Key, KeyBar
from .widgets.rows import GAP, Row, Rows, numbered, row
from .words import mark, mark_of, one_line, plain

if TYPE_CHECKING:
    from wizard.change import ExportReport
    from wizard.connections import Connection
    from wizard.outcomes import Outcome
    from wizard.switching import Switch

    from .app import Authwizard

TEST, SWITCH = "test", "switch"
_TITLES = {TEST: "Test the fallback of", SWITCH: "Switch to the fallback of"}


class FallbackScreen(Screen[None]):
    """Does `TEST` at once, or `SWITCH` after a yes. Its states: busy, tested, asked, done; a switch can be asked for
    from a test, and switched back from what is done."""

    CSS = """
    FallbackScreen #text { height: auto; }
    FallbackScreen #main:focus { background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("enter", "go", "Go on", show=False),
        Binding("r", "again", "Test again", show=False, id="fallback.again"),
        Binding("u", "undo", "Switch back", show=False, id="fallback.undo"),
    ]

    def __init__(self, name: str, act: str = TEST) -> None:
        super().__init__()
        self._called, self._act = name, act
        self._stage = "busy"
        self._good = False
        self._steps: dict[str, Step] = {}
        self._plan: Switch | None = None

    def compose(self) -> ComposeResult:
        yield Static(plain(f"{_TITLES[self._act]} {self._called}"), id="title", classes="title", markup=False)
        with VerticalScroll(classes="main", id="main"):
            yield Rows(id="text")
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Begin, or ask whether to."""
        self.query_one("#main").focus()
        if self._act == TEST:
            self.action_again()
        else:
            self._begin(self._ask())

    def _keys(self) -> tuple[Key, ...]:
        back = Key("Esc", "back", "screen.back")
        match self._stage:
            case "busy":
                return (Key("Esc", "cancel", "screen.back"),)
            case "tested":
                again = Key("r", "test again", "screen.again", main=not self._good)
                go = (Key("Enter", "switch to it", "screen.go", main=True),) if self._good else ()
                return (back, again, *go)
            case "asked":
                return (back, Key("Enter", "switch", "screen.go", main=True))
            case "writing":
                return ()
        undo = (Key("u", "switch back", "screen.undo"),) if self._plan is not None else ()
        return (*undo, Key("Enter", "done", "screen.go", main=True))

    def _turn(self, stage: str, rows: list[Row], title: str = "") -> None:
        self._stage = stage
        self.query_one("#text", Rows).show(rows)
        self.query_one(KeyBar).show(*self._keys())
        if title:
            self.query_one("#title", Static).update(plain(f"{title} {self._called}"))

    def _begin(self, job: object) -> None:
        self.run_worker(job, group="do", exclusive=True, description="")  # type: ignore[arg-type]  # one of our coroutines

    @property
    def _app(self) -> Authwizard:
        return cast("Authwizard", self.app)

    def action_again(self) -> None:
        """Test it."""
        if self._stage in ("busy", "tested"):
            self._steps = {}
            self._turn("busy", [row("Testing ...", prefix=mark_of("running"))], _TITLES[TEST])
            self._begin(self._test())

    async def _test(self) -> None:
        from . import jobs

        def told(step: Step) -> None:
            self._steps[step.id] = step
            if self._stage == "busy":
                self._turn("busy", _step_rows(tuple(self._steps.values())))

        try:
            report = await jobs.tested(self._called, told, fallback=True)
        except AuthwizardError as error:
            self._turn("done", _failure(error))
            return
        self._app.remember(fallbacks.target(self._called), outcomes.of(report, time.time()))
        self._good = report.ok
        self._turn("tested", _tested(report))

    async def _ask(self) -> None:
        from wizard import switching

        try:
            plan = await asyncio.to_thread(switching.prepare, self._called)
        except AuthwizardError as error:
            self._plan = None
            self._turn("done", _failure(error))
            return
        self._plan = plan
        last = self._app.outcomes.get(fallbacks.target(self._called))
        self._turn("asked", _asked(plan, last), _TITLES[SWITCH])

    async def _switch(self, plan: Switch) -> None:
        from wizard import switching

        from . import jobs

        self._turn("writing", [row("Switching ...", prefix=mark_of("running"))])
        try:
            done = await switching.carry_out(plan, jobs.proven)
        except AuthwizardError as error:
            self._plan = None
            self._turn("done", _failure(error))
            return
        follow(self._app.outcomes, fallbacks.target(self._called), self._called, both=True)
        rows = [
            row(
                f"{done.connection.name} signs in by {done.connection.method} now.",
                "bold",
                prefix=mark_of("works"),
            ),
            row(f"{plan.before.method} is its fallback. u switches back.", indent=2),
        ]
        for export in done.exports:
            rows += [GAP, *_export(export)]
        rows += [row(f"{p.what} was not written: {p.why}", prefix=mark_of("warning")) for p in done.stays]
        self._turn("done", rows)

    def action_go(self) -> None:
        """The one main thing of each state."""
        if self._stage == "tested" and self._good:
            self._begin(self._ask())
        elif self._stage == "asked" and self._plan is not None:
            self._begin(self._switch(self._plan))
        elif self._stage == "done":
            self.dismiss(None)

    def action_undo(self) -> None:
        """Ask whether to switch back."""
        if self._stage == "done" and self._plan is not None:
            self._begin(self._ask())

    def action_back(self) -> None:
        """Cancel what runs, else leave. What is being written is finished first."""
        if self._stage == "writing":
            return
        self.workers.cancel_group(self, "do")
        self.dismiss(None)


def rows(connection: Connection, last: Outcome | None) -> list[Row]:
    """The fallback as the connection's screen shows it; nothing where there is none."""
    second = connection.fallback
    if second is None:
        return []
    says = last.says if last else "never tested"
    state = mark(last.state if last else "untested", word=False)
    body = Content.assemble(plain(second.method), plain(f"  {one_line(says)}", "$muted"))
    kept = (
        row(f"{field} is in {one_line(shortened(ref))}", "$muted", indent=2)
        for field, ref in second.secrets.items()
    )
    keys = row("t tests it, s switches to it.", "$muted", indent=2)
    return [GAP, row("Fallback", "bold"), row(body, prefix=Content.assemble(state, " ")), *kept, keys]


def follow(held: dict[str, Outcome], old: str, new: str, *, both: bool = False) -> None:
    """Let what came of a target follow its name; with ``both`` the two change places."""
    one, other = held.pop(old, None), held.pop(new, None)
    held.update({k: v for k, v in ((new, one), (old, other if both else None)) if v is not None})


def _step_rows(steps: tuple[Step, ...]) -> list[Row]:
    marks = {True: "works", False: "broken", None: "untested"}
    return [
        row(
            Content.assemble(plain(one_line(s.title)), plain(f"  {one_line(s.awaited or s.seen)}", "$muted")),
            prefix=mark_of("running" if s.awaited else marks[s.ok]),
        )
        for s in steps
    ]


def _tested(report: LiveTestReport) -> list[Row]:
    found = report.finding
    head = [
        row(
            "The fallback works." if report.ok else "The fallback does not work.",
            "bold",
            prefix=mark_of("works" if report.ok else "broken"),
        )
    ]
    if found is not None:
        head += [row(found.title, indent=2), *numbered(found.fix, indent=2)]
    return [*head, GAP, *_step_rows(report.steps)]


def _asked(plan: Switch, last: Outcome | None) -> list[Row]:
    first = row(f"{plan.after.method} in the place of {plan.before.method}.", "bold")
    if last is None:
        known = row("It was never tested. Esc, then t tests it.", prefix=mark_of("warning"))
    elif last.state == "works":
        known = row("It worked when it was last tested.", prefix=mark_of("works"))
    else:
        known = row(
            f"It did not work when it was last tested: {one_line(last.says)}", prefix=mark_of("broken")
        )
    found = [first, known]
    for change in plan.changes:
        what = "is written anew" if change.changed else "stays as it is, and is tested again"
        found += [GAP, row(f"{shortened(str(change.path))} {what}.", "bold")]
        found += [row(line, "$muted") for line in shortened(change.diff).splitlines()]
    return [
        *found,
        *(row(f"{p.what} is not written: {p.why}", prefix=mark_of("warning")) for p in plan.stays),
    ]


def _export(export: ExportReport) -> list[Row]:
    change = export.change
    did = "written" if change.changed else "the same"
    came = (
        "read back, answered"
        if export.answered
        else f"read back, but it does not answer: {one_line(export.why)}"
    )
    first = row(
        f"{shortened(str(change.path))}: {did}, {came}",
        prefix=mark_of("works" if export.answered else "broken"),
    )
    return [first, *numbered(change.next_act if export.answered else export.fix, indent=2)]


def _failure(error: AuthwizardError) -> list[Row]:
    first = row(error.title, "bold", prefix=mark_of("broken"))
    detail = [row(error.detail, "$muted", indent=2)] if error.detail else []
    return [first, *detail, *numbered(error.fix, indent=2)]
