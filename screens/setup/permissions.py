"""Step 4: what it may do. Tick a tool and its scopes follow; tick scopes and see which tools they unlock."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from wizard import setup
from wizard.outcomes import counted
from wizard.setup.draft import Draft

from ..widgets.keybar import Key
from ..widgets.lists import Tick, Ticks
from ..widgets.rows import GAP, Row, row
from ..words import one_line, plain, say
from .base import StepScreen


class PermissionsStep(StepScreen):
    """Two columns, tools and scopes, that follow each other."""

    CSS_PATH = "permissions.tcss"
    STEP = "permissions"
    MAIN_LABEL = "next: test"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "preset", "Preset", show=False, id="permissions.preset")
    ]

    def main(self) -> Vertical:
        return Vertical(classes="main")

    def compose_main(self) -> ComposeResult:
        service = self.draft.service
        if service is None or not service.scopes:
            name = service.title if service else "This service"
            sentence = f"{name} names no permissions to choose from: its credential may do what it may do."
            yield Static("What should it be able to do?", classes="head", markup=False)
            yield Static(say(f"{sentence}\n\nEnter goes on."), id="none", markup=False)
            return
        yield Static("", id="summary", markup=False)
        if service.by_groups:
            yield Static(plain(service.by_groups, "$muted"), id="groups", markup=False)
        with Horizontal(id="columns"):
            with Vertical(classes="column", id="tools-column"):
                yield Static("Tools", classes="head", markup=False)
                yield Ticks(*self._tools(), id="tools")
            with Vertical(classes="column", id="scopes-column"):
                yield Static("Scopes", classes="head", markup=False)
                yield Ticks(*self._scopes(), id="field-scopes")
        yield Static("", id="detail", markup=False)

    def on_mount(self) -> None:
        """The tools have the focus, or the scopes where the service names no tools."""
        service = self.draft.service
        if service is None or not service.scopes:
            return
        self.query_one("#tools-column").display = bool(service.tools)
        self.query_one("#tools" if service.tools else "#field-scopes", Ticks).focus()
        self._show()

    def more_keys(self) -> tuple[Key, ...]:
        service = self.draft.service
        if service is None or not service.scopes:
            return ()
        preset = (Key("p", "preset", "screen.preset"),) if service.presets else ()
        return (Key("Space", "tick"), *preset, Key("Tab", "other column"))

    def guide(self) -> list[Row]:
        return [
            row("Least is best", "bold"),
            row(
                "Tick the tools that you will use: the scopes that they need follow. Give the token these scopes "
                "and no more when you make it."
            ),
            GAP,
            row("▲ wider", "bold $text-warning"),
            row("marks a scope that no ticked tool needs."),
            GAP,
            row("[+]", "bold $text-accent"),
            row("marks a tool that your scopes open, though you did not tick it."),
            GAP,
            row(
                "p steps through the presets. Nothing ticked: the credential's permissions are taken as they are."
            ),
        ]

    def _tools(self) -> list[Tick]:
        service = self.draft.service
        if service is None:
            return []
        chosen = set(self.draft.tools)
        unlocked = {t.name for t in setup.unlocked(self.draft)}
        lines = []
        for tool in service.tools:
            label = Content(one_line(tool.name))
            lines.append(Tick(tool.name, label, tool.name in chosen, open=tool.name in unlocked))
        return lines

    def _scopes(self) -> list[Tick]:
        service = self.draft.service
        if service is None:
            return []
        wider = set(setup.wider(self.draft))
        lines = []
        width = max(len(s.id) for s in service.scopes)
        for scope in service.scopes:
            note = (
                (say("▲ wider"), "$text-warning") if scope.id in wider else (one_line(scope.title), "$muted")
            )
            label = Content.assemble(one_line(scope.id).ljust(width), "  ", note)
            lines.append(Tick(scope.id, label, scope.id in self.draft.scopes))
        return lines

    def _show(self) -> None:
        service = self.draft.service
        if service is None:
            return
        self.query_one("#tools", Ticks).lines(self._tools())
        self.query_one("#field-scopes", Ticks).lines(self._scopes())
        scopes, tools = len(self.draft.scopes), len(setup.unlocked(self.draft))
        preset = next((p.title for p in service.presets if p.id == self.draft.preset), "")
        counts = f"{scopes} of {len(service.scopes)} scopes"
        counts += f", {counted(tools, 'tool')}" if service.tools else ""
        line = Content.assemble(
            ("What should it be able to do?", "bold $muted"),
            "   ",
            plain(f"preset: {preset}   " if preset else "", "$text-accent"),
            counts,
        )
        self.query_one("#summary", Static).update(line)
        self._show_detail()

    def _show_detail(self) -> None:
        """One line on the highlighted tool or scope."""
        service, focused = self.draft.service, self.focused
        if service is None or not isinstance(focused, Ticks):
            return
        name = focused.chosen
        tool = next((t for t in service.tools if t.name == name), None)
        scope = next((s for s in service.scopes if s.id == name), None)
        if tool is not None:
            says = f"{tool.name} needs {', '.join(tool.scopes) or 'no scope'}."
        elif scope is not None:
            opens = [t.name for t in service.tools if scope.id in t.scopes]
            says = f"{scope.id}: {scope.title}." + (f" For {', '.join(opens)}." if opens else "")
        else:
            says = ""
        self.query_one("#detail", Static).update(plain(one_line(says), "$muted"))

    def on_ticks_changed(self, event: Ticks.Changed) -> None:
        """The other column follows."""
        ticks = event.ticks
        change = setup.with_tools if ticks.id == "tools" else setup.with_scopes
        self.draft = change(self.draft, ticks.ticked)
        self._show()

    def on_option_list_option_highlighted(self) -> None:
        """The line below follows the highlight."""
        self._show_detail()

    def on_descendant_focus(self) -> None:
        """And the focus."""
        self._show_detail()

    def on_option_list_option_selected(self) -> None:
        """Enter goes on."""
        self.action_go()

    def action_preset(self) -> None:
        """The next preset; after the last one, nothing ticked."""
        service = self.draft.service
        if service is None or not service.presets:
            return
        ids = [p.id for p in service.presets]
        where = ids.index(self.draft.preset) + 1 if self.draft.preset in ids else 0
        if where < len(ids):
            self.draft = setup.with_preset(self.draft, ids[where])
        else:
            self.draft = setup.with_tools(self.draft, ())
        self._show()

    def collect(self) -> Draft:
        return self.draft
