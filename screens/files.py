"""The files in which credentials lie: who may read them, and what is wrong with them; modes are mended on a key."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from wizard.errors import AuthwizardError

from .diagnose.text import finding_rows
from .help import HELP, HelpScreen
from .setup.work import shortened
from .widgets.keybar import Key, KeyBar
from .widgets.rows import GAP, Row, Rows, row
from .words import mark_of, one_line, plain

if TYPE_CHECKING:
    from diagnostics.files import Mend
    from wizard.livetest import Finding


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file: how it stands, its mode in octal (or why there is none), where and what it is."""

    state: str
    mode: str
    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found, and what can be mended of it."""

    files: tuple[FileLine, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    mends: tuple[Mend, ...]


def look_at_files() -> Seen:
    """Every known file of credentials, judged."""
    from diagnostics import file_places, files
    from diagnostics.file_look import look

    judged = [
        (place, seen, files.judge(place, seen)) for place in file_places.every() for seen in [look(place)]
    ]
    faults = tuple(dict.fromkeys(fault for _, _, found in judged for fault in found))
    findings, warnings = files.findings(faults)
    lines = tuple(
        FileLine(
            "works"
            if not found
            else "broken"
            if any(f.cause not in files.WARNED for f in found)
            else "warning",
            seen.octal or seen.state,
            seen.path,
            place.what,
        )
        for place, seen, found in judged
    )
    return Seen(lines, findings, warnings, files.mends(faults))


def mend(mends: tuple[Mend, ...]) -> tuple[str, ...]:
    """Change the modes; a sentence for each that could not be changed."""
    from diagnostics.file_look import change

    failed = []
    for one in mends:
        try:
            change(one.path, one.before, one.after, one.identity)
        except AuthwizardError as problem:
            failed.append(f"{problem.title} {problem.detail}".strip())
    return tuple(failed)


class FilesScreen(Screen[None]):
    """The list, then what is wrong; `m` mends, `r` looks again."""

    CSS_PATH = "files.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", show=False),
        Binding("r", "again", "Look again", show=False, id="files.again"),
        Binding("m", "mend", "Mend", show=False, id="files.mend"),
        Binding("f1", "help", "Help", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen: Seen | None = None
        self._told: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static("Files that hold credentials", classes="title", markup=False)
        with VerticalScroll(classes="main", id="main"):
            yield Rows(id="text")
        yield KeyBar(*self._keys())

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one("#main").focus()
        self.action_again()

    def _keys(self) -> tuple[Key, ...]:
        back, help_ = Key("Esc", "back", "app.pop_screen"), Key("F1", "help", "screen.help")
        again = Key("r", "look again", "screen.again")
        count = len(self._seen.mends) if self._seen else 0
        if not count:
            return (back, again, help_)
        label = f"mend {count} {'mode' if count == 1 else 'modes'}"
        return (back, again, help_, Key("m", label, "screen.mend", main=True))

    def action_again(self) -> None:
        """Look at every file anew."""
        self.run_worker(self._look(), group="files", exclusive=True, description="")

    async def _look(self) -> None:
        self._seen = await asyncio.to_thread(look_at_files)
        self._show()

    def action_mend(self) -> None:
        """Change the modes that are shown."""
        if self._seen is not None and self._seen.mends:
            self.run_worker(self._mend(self._seen.mends), group="files", exclusive=True, description="")

    async def _mend(self, mends: tuple[Mend, ...]) -> None:
        failed = await asyncio.to_thread(mend, mends)
        done = len(mends) - len(failed)
        self._told = (
            *([f"{done} {'mode was' if done == 1 else 'modes were'} changed."] if done else []),
            *failed,
        )
        self._seen = await asyncio.to_thread(look_at_files)
        self._show()

    def _show(self) -> None:
        if self._seen is None:
            return
        self.query_one("#text", Rows).show(self._rows(self._seen))
        self.query_one(KeyBar).show(*self._keys())

    def _rows(self, seen: Seen) -> list[Row]:
        rows: list[Row] = [row(says, "$text-accent") for says in self._told]
        rows += [GAP] if rows else []
        if not seen.files:
            says = "There is no credential file of a known service, connection or client here."
            return [*rows, row(says), row("Name one on the command line: authwizard files PATH", "$muted")]
        for line in seen.files:
            what = Content.assemble(
                plain(one_line(shortened(line.path))), plain(f"  {one_line(line.what)}", "$muted")
            )
            rows.append(row(what, prefix=Content.assemble(mark_of(line.state), f"{line.mode:<8} ")))
        rows.append(GAP)
        for finding in seen.findings:
            rows += finding_rows(finding, "broken")
        for finding in seen.warnings:
            rows += finding_rows(finding, "warning")
        if seen.mends:
            rows.append(row("m does this", "bold"))
            rows += [row(shortened(one.says()), indent=2) for one in seen.mends]
        elif not seen.findings and not seen.warnings:
            rows.append(row("Nothing is wrong with them.", prefix=mark_of("works")))
        return rows

    def action_help(self) -> None:
        """What this screen does."""
        self.app.push_screen(HelpScreen("Files", HELP["files"]))
