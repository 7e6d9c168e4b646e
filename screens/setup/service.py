"""Step 1: which service, and which deployment of it."""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static
from textual.widgets.option_list import Option

from wizard import setup
from wizard.services import Environment, Service
from wizard.setup.draft import Draft, Problem

from ..widgets.inputs import Line
from ..widgets.keybar import Key
from ..widgets.lists import Choice
from ..widgets.rows import GAP, Row, row
from ..words import one_line, pad, plain, say
from .base import StepScreen, service_pages
from .work import PRACTICE


class ServiceStep(StepScreen):
    """A list of services, the deployments of the highlighted one, and its address where it has to be typed."""

    CSS_PATH = "service.tcss"
    STEP = "service"
    MAIN_LABEL = "next: method"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="service.filter")
    ]

    def compose_main(self) -> ComposeResult:
        yield Static("What do you want to sign in to?", classes="head", markup=False)
        yield Line(placeholder="type a part of the name", id="filter")
        yield Choice(id="field-service")
        with Vertical(id="where"):
            yield Static("", id="where-head", classes="head", markup=False)
            yield Choice(id="field-environment")
            yield Line(self.draft.url, placeholder="https://server.example.com/mcp", id="field-url")

    def on_mount(self) -> None:
        """Begin where the draft stands."""
        from wizard import catalogue

        loaded = catalogue.load()
        # where a practice runs, its services are what one came for
        self._all: tuple[Service, ...] = tuple(sorted(loaded.services, key=lambda s: not self._practised(s)))
        self._ready = True
        self._typed: dict[str, str] = {}
        if self.draft.service and self.draft.environment and self.draft.url:
            self._typed[f"{self.draft.service.id} {self.draft.environment.id}"] = self.draft.url
        self._fill("")
        self.query_one("#field-service", Choice).focus()
        if loaded.problems:
            self.say_problem(" ".join(f"{p.title} {p.detail}" for p in loaded.problems))

    def _practised(self, service: Service) -> bool:
        return any(self.work.url(service, e) for e in service.environments if e.id == PRACTICE)

    def more_keys(self) -> tuple[Key, ...]:
        return (Key("/", "filter", "screen.filter"), Key("Tab", "move"))

    def main_label(self) -> str:
        """Enter goes to the next question of this step, then to the next step."""
        focused = self.focused.id if self.focused else ""
        service = self._service() if self.is_mounted else None
        if focused == "filter":
            return "to the list"
        if service and focused != "field-url" and self.query_one("#field-url").display:
            if focused == "field-service" and len(self.work.environments(service)) > 1:
                return f"which {service.title}?"
            return self.MAIN_LABEL if self.query_one("#field-url", Line).value else "its address"
        if service and focused == "field-service" and len(self.work.environments(service)) > 1:
            return f"which {service.title}?"
        return self.MAIN_LABEL

    def links(self) -> tuple[tuple[str, str], ...]:
        return service_pages(self._service()) if self.is_mounted else ()

    def on_descendant_focus(self) -> None:
        """Another place, another thing that Enter does."""
        self.show_keys()

    def guide(self) -> list[Row]:
        service, environment = (self._service(), self._environment()) if self._ready else (None, None)
        if service is None:
            return [row("A service", "bold"), row("is what you want to sign in to. / filters the list.")]
        rows = [row(service.title, "bold"), row(service.summary), GAP]
        if environment is not None:
            rows += [row(environment.title, "bold"), row(what_one_gets(service, environment))]
            rows += [row(environment.help)] if environment.help else []
            rows.append(GAP)
        if service.needs:
            rows += [row("It needs", "bold"), *(row(need, prefix="• ") for need in service.needs), GAP]
        if pages := service_pages(service):
            rows.append(row("Pages (o opens)", "bold"))
            rows += [r for title, url in pages for r in (row(title), row(url, "$muted", indent=2))]
            rows.append(GAP)
        return [*rows, row("Arrows choose, Enter goes on, / filters.", "$muted")]

    _ready = False

    def _fill(self, text: str) -> None:
        wanted = text.casefold()
        shown = [s for s in self._all if wanted in _words(s).casefold()]
        # a title says more than a sentence that has the same letters somewhere
        shown.sort(key=lambda s: wanted not in s.title.casefold())
        width = min(max((len(s.title) for s in self._all), default=0), 24)
        options = [
            Option(
                Content.assemble((pad(s.title, width), "bold"), "  ", plain(one_line(s.summary), "$muted")),
                id=s.id,
            )
            for s in shown
        ]
        chosen = self.draft.service.id if self.draft.service else None
        self.query_one("#field-service", Choice).fill(options, chosen)
        self.say_problem("" if shown else f"No service is called `{text}`. Esc shows all.")
        self._show_where()

    def _service(self) -> Service | None:
        chosen = self.query_one("#field-service", Choice).chosen
        return next((s for s in self._all if s.id == chosen), None)

    def _environment(self) -> Environment | None:
        service = self._service()
        chosen = self.query_one("#field-environment", Choice).chosen
        return service.environment(chosen) if service and chosen else None

    def _show_where(self) -> None:
        service = self._service()
        self.query_one("#where").display = service is not None
        if service is None:
            return
        environments = self.work.environments(service)
        start = (
            self.draft.environment.id if self.draft.environment and self.draft.service == service else None
        )
        width = max((len(e.title) for e in environments), default=0)
        mixed = len({service.speaks_at(e) for e in environments}) > 1
        self.query_one("#where-head", Static).update(plain(f"{service.title}: which one?"))
        self.query_one("#field-environment", Choice).fill(
            (
                Option(
                    Content.assemble(
                        (pad(e.title, width), "bold"),
                        "  ",
                        (pad(service.speaks_at(e).upper(), 3) if mixed else "", "$text-accent"),
                        "  " if mixed else "",
                        plain(one_line(self._address(service, e)), "$muted"),
                    ),
                    id=e.id,
                )
                for e in environments
            ),
            start,
        )
        self._show_url()

    def _address(self, service: Service, environment: Environment) -> str:
        return (
            self.work.url(service, environment)
            or environment.url
            or environment.help
            or "you type its address"
        )

    def _show_url(self) -> None:
        service, environment = self._service(), self._environment()
        line = self.query_one("#field-url", Line)
        needed = (
            service is not None
            and environment is not None
            and not environment.url
            and not self.work.url(service, environment)
        )
        line.display = needed
        form = re.search(r"https?://\S+", environment.help) if environment else None
        line.placeholder = say(form[0] if form else "https://server.example.com/mcp")
        if service and environment and needed:
            line.value = self._typed.get(f"{service.id} {environment.id}", "")

    def on_option_list_option_highlighted(self, event: Choice.OptionHighlighted) -> None:
        """Another service has other deployments; another deployment another address."""
        if event.option_list.id == "field-service":
            self._show_where()
        else:
            self._show_url()
        self.say_problem("")
        self.show_panel(self.guide())
        self.show_keys()

    def on_option_list_option_selected(self, event: Choice.OptionSelected) -> None:
        """Enter: the next question on this step, or the next step."""
        service = self._service()
        if event.option_list.id == "field-service" and service and len(self.work.environments(service)) > 1:
            self.query_one("#field-environment", Choice).focus()
        elif (url := self.query_one("#field-url", Line)).display and not url.value:
            url.focus()
        else:
            self.action_go()

    def on_input_changed(self, event: Line.Changed) -> None:
        """Filter as one types; keep an address for its own deployment."""
        if event.input.id == "filter":
            self._fill(event.value)
            return
        service, environment = self._service(), self._environment()
        if service and environment and event.input.display:
            self._typed[f"{service.id} {environment.id}"] = event.value
        self.say_problem("")

    def on_input_submitted(self, event: Line.Submitted) -> None:
        """Enter in the filter goes to the list, in the address to the next step."""
        if event.input.id == "filter":
            if self._service() is not None:
                self.query_one("#field-service", Choice).focus()
        else:
            self.action_go()

    def action_filter(self) -> None:
        """Type to narrow the list."""
        line = self.query_one("#filter", Line)
        line.add_class("-shown")
        line.focus()

    def leave(self) -> None:
        line = self.query_one("#filter", Line)
        if line.has_class("-shown"):
            line.value = ""
            line.remove_class("-shown")
            self.query_one("#field-service", Choice).focus()
            return
        super().leave()

    def collect(self) -> Draft:
        service, environment = self._service(), self._environment()
        if service is None:
            return self.draft
        url = self.work.url(service, environment)
        line = self.query_one("#field-url", Line)
        if line.display:
            url = line.value.strip()
        return setup.with_service(self.draft, service, environment, url)

    def check(self, draft: Draft) -> tuple[Problem, ...]:
        if self._service() is None:
            typed = say(self.query_one("#filter", Line).value)
            return (Problem("service", f"No service is called `{typed}`. Esc shows all."),)
        return super().check(draft)


def what_one_gets(service: Service, environment: Environment) -> str:
    """What comes out at the end, by what is spoken there."""
    if service.speaks_at(environment) == "mcp":
        return "It speaks MCP: you get an entry in your MCP client's config."
    return "It is an HTTP API, not an MCP server: you get a curl script and variables for your program."


def _words(service: Service) -> str:
    places = " ".join(e.title for e in service.environments)
    return f"{service.id} {service.title} {service.summary} {places}"
