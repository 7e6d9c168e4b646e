"""What the six steps share: where one is, the question, the guide beside it, one main key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from wizard.services import Method, Service
from wizard.setup.draft import STEPS, Draft, Problem

from ..guide import Guided
from ..widgets.keybar import Key, KeyBar
from ..widgets.panel import Panel
from ..widgets.rows import GAP, Row, numbered, row
from ..words import one_line, plain, say, shortened
from .work import Work

NEXT = "next"
BACK = "back"
FINISH = "finish"
ANOTHER = "another"
SIBLING = "sibling"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step was left, and what was chosen by then."""

    go: str
    draft: Draft


class StepHeader(Widget):
    """Two lines: what is being set up, and which of the six steps this is."""

    DEFAULT_CSS = """
    StepHeader { dock: top; height: 2; padding: 0 1; background: $panel; }
    """

    def __init__(self, step: str, draft: Draft, note: str = "") -> None:
        super().__init__()
        self._step, self._draft, self._note = step, draft, note

    def render(self) -> Content:
        width = max(self.size.width, 10)
        note = Content.styled(say(self._note) if width >= 2 * len(self._note) else "", "$text-accent")
        room = width - note.cell_length - 1 if note.plain else width
        title = Content.styled(shortened(one_line(self._title()), room), "bold")
        first = Content.assemble(title, " " * (width - title.cell_length - note.cell_length), note)
        return Content.assemble(first, "\n", self._steps(width))

    def _title(self) -> str:
        d = self._draft
        if d.service is None or self._step == "service":
            return "Set up a service"
        parts = [f"Set up {d.service.title}"]
        if d.environment is not None and len(d.service.environments) > 1:
            parts.append(d.environment.title)
        if d.method is not None and self._step not in ("service", "method"):
            parts.append(d.method.title)
        return " · ".join(parts)

    def _steps(self, width: int) -> Content:
        here = STEPS.index(self._step)
        full = width >= 70
        parts: list[Content] = []
        for index, name in enumerate(STEPS):
            text = f"{index + 1} {name}" if full or index == here else f"{index + 1}"
            if index == here:
                parts.append(Content.styled(say(f"▸{text}"), "bold $text-accent"))
            else:
                parts.append(Content.styled(f" {text}", "$foreground" if index < here else "$muted"))
        return Content(" ").join(parts)


class StepScreen(Guided, Screen[Outcome]):
    """One question. Enter goes on, Esc goes back with everything typed so far, F1 shows the guide."""

    STEP: ClassVar[str] = ""
    MAIN_LABEL: ClassVar[str] = ""
    LETTERS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", "Go on", show=False, id="step.go"),
        Binding("escape", "back", "Back", show=False, id="step.back"),
        Binding("f1", "guide", "Guide", show=False, id="step.guide"),
        Binding("question_mark", "guide", "Guide", show=False),
        Binding("o,ctrl+o", "open", "Open the page", show=False, id="step.open"),
    ]

    def __init__(self, work: Work, draft: Draft) -> None:
        super().__init__()
        self.work = work
        self.draft = draft
        self.welcome = ""

    def compose(self) -> ComposeResult:
        yield StepHeader(self.STEP, self.draft, self.work.note)
        if self.welcome:
            yield Static(plain(self.welcome), classes="welcome", markup=False)
        with Horizontal(classes="body"):
            with self.main():
                yield from self.compose_main()
            yield Panel(self.guide())
        yield Static("", id="problem", classes="problem", markup=False)
        yield KeyBar(*self.keys())

    def main(self) -> VerticalScroll | Vertical:
        """The container of the question."""
        return VerticalScroll(classes="main", can_focus=False)

    def compose_main(self) -> ComposeResult:
        """The question."""
        yield from ()

    def guide(self) -> list[Row]:
        """What stands beside the question."""
        return []

    def keys(self) -> tuple[Key, ...]:
        """The last line."""
        return (
            Key("Esc", "back", "screen.back"),
            *self.more_keys(),
            *((Key("o" if self.LETTERS else "Ctrl+O", "open", "screen.open"),) if self.links() else ()),
            Key("F1", "guide", "screen.guide"),
            Key("Enter", self.main_label(), "screen.go", main=True),
        )

    def main_label(self) -> str:
        """What Enter does now."""
        return self.MAIN_LABEL

    def show_keys(self) -> None:
        """The last line anew."""
        for bar in self.query(KeyBar):
            bar.show(*self.keys())

    def links(self) -> tuple[tuple[str, str], ...]:
        """The pages that `o` opens: title and address."""
        return ()

    def action_open(self) -> None:
        """Open the page, or ask which; its address is shown as well, for where no browser opens."""
        pages = self.links()
        if not pages:
            self.say_problem("There is no page to open here.")
        elif len(pages) == 1:
            self._open(pages[0][1])
        else:
            from .pick import Pick, PickScreen

            choices = [Pick(url, title, url) for title, url in pages]
            self.app.push_screen(PickScreen("Which page?", choices), self._open)

    def _open(self, url: str | None) -> None:
        if url:
            self.run_worker(self._opened(url), group="open", exclusive=True, description="")

    async def _opened(self, url: str) -> None:
        from wizard import browsing

        shown = browsing.page(url)
        if not shown:
            self.say_problem("That is no address of a web page, so it is not opened.")
            return
        opened = await asyncio.to_thread(browsing.open_page, url)
        says = "Opened in your browser:" if opened else "No browser opens here. The page is"
        self.say_problem(f"{says} {shown}")

    def more_keys(self) -> tuple[Key, ...]:
        """The keys that only this step has."""
        return ()

    def collect(self) -> Draft:
        """The draft with what stands in the widgets now."""
        return self.draft

    def check(self, draft: Draft) -> tuple[Problem, ...]:
        """What stands in the way of going on."""
        from wizard import setup

        return setup.problems(draft, self.STEP)

    def action_go(self) -> None:
        """Go on, or say why not."""
        draft = self.collect()
        if found := self.check(draft):
            self.complain(found)
            return
        self.dismiss(Outcome(NEXT, draft))

    def leave(self) -> None:
        """Go back, losing nothing."""
        self.dismiss(Outcome(BACK, self.collect()))

    def complain(self, found: Iterable[Problem]) -> None:
        """Say the first problem, and put the cursor where it can be mended."""
        first = next(iter(found))
        self.say_problem(first.says)
        for target in self.query(f"#field-{first.field}").results():
            target.focus()
            return

    def say_problem(self, says: str) -> None:
        """A sentence above the keys; an empty one takes it away."""
        line = self.query_one("#problem", Static)
        line.update(Content.assemble(say("▲ "), plain(says)) if says else "")
        line.set_class(bool(says), "-shown")

    def show_panel(self, rows: Iterable[Row]) -> None:
        """Change what stands beside the question."""
        self.query_one(Panel).show(rows)


def method_guide(method: Method) -> list[Row]:
    """What a method means, what it needs, and where to get its credential."""
    rows = [row(method.title, "bold")]
    if method.meaning:
        rows.append(row(method.meaning))
    if method.unavailable:
        rows += [GAP, row(method.unavailable, "$text-warning")]
    if method.needs:
        rows += [GAP, row("It needs", "bold"), *(row(need, prefix="• ") for need in method.needs)]
    if method.guide.steps:
        rows += [GAP, row("Where to get it", "bold"), *numbered(method.guide.steps)]
    if method.guide.link:
        rows += [GAP, row(method.guide.link, "$muted"), row("o opens it.", "$muted")]
    return rows


def service_pages(service: Service | None) -> tuple[tuple[str, str], ...]:
    """A service's own pages: its links, then its status page."""
    if service is None:
        return ()
    status = (("Status page", service.status),) if service.status else ()
    return (*service.links.items(), *status)
