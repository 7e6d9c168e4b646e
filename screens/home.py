"""Home: the saved connections, what the clients hold besides, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.widgets.option_list import Option, OptionDoesNotExist

from wizard.errors import AuthwizardError

from .widgets.keybar import Key, KeyBar
from .widgets.lists import Choice
from .words import mark, one_line, pad, plain

if TYPE_CHECKING:
    from wizard.connections import Connection

    from .app import Authwizard

WHAT = (
    "authwizard sets up how an MCP client or a script signs in to a protected service, "
    "proves that the written config works, and, when something fails, names the one cause "
    "and who must do what. Secrets stay in your keyring and are never shown."
)

CHOICES = (
    ("set-up", "Set up a service", "six steps to a config that is proven to work"),
    ("diagnose", "Diagnose a failing one", "a URL, a connection, or a client's entry"),
    ("practise", "Practise on a built-in service", "FAOS and Fleet, on this machine only"),
)

KEYS = (
    Key("s", "Set up", "screen.set_up"),
    Key("d", "Diagnose", "screen.diagnose"),
    Key("t", "Token", "screen.token"),
    Key("p", "Practise", "screen.practise"),
    Key("F1", "Help", "screen.help"),
    Key("q", "Quit", "app.quit"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """An entry of a client's config that no connection made."""

    target: str
    client: str
    state: str
    note: str


class Home(Screen[None]):
    """The first screen. Its first frame reads one small file and imports nothing heavy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "set_up", "Set up", tooltip="Walk the six steps", id="home.set_up"),
        Binding("d", "diagnose", "Diagnose", tooltip="Find why a connection fails", id="home.diagnose"),
        Binding("t", "token", "Token", tooltip="Decode a token and say what it means", id="home.token"),
        Binding("p", "practise", "Practise", tooltip="Set up a service that runs here", id="home.practise"),
        Binding("f1,question_mark", "help", "Help", tooltip="What this screen shows", id="home.help"),
        Binding("q", "app.quit", "Quit", id="home.quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._connections, self._trouble = _connections()
        self._found: tuple[Found, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("authwizard", "bold")), classes="title", markup=False)
        with VerticalScroll(classes="main", can_focus=False):
            yield Static(WHAT, id="what", markup=False)
            yield Static("Connections", classes="head", id="connections-head", markup=False)
            yield Choice(id="list")
            yield Static("", id="trouble", classes="problem", markup=False)
        yield KeyBar(*KEYS)

    def on_mount(self) -> None:
        """Show what is known at once; the clients' files are read after the first frame."""
        self._show()
        self.query_one("#list", Choice).focus()
        self.call_after_refresh(self._look_around)

    def on_screen_resume(self) -> None:
        """Back from another screen: connections may be new."""
        if self.is_mounted and self._ready:
            self._connections, self._trouble = _connections()
            self._show()
            self._look_around()

    _ready = False

    def _look_around(self) -> None:
        self._ready = True
        self.run_worker(self._find, thread=True, exclusive=True, group="find", description="")

    def _find(self) -> None:
        from .jobs import found_in_clients

        found = found_in_clients({c.name for c in self._connections})
        self.app.call_from_thread(self._show_found, found)

    def _show_found(self, found: tuple[Found, ...]) -> None:
        if found != self._found:
            self._found = found
            self._show()

    def _show(self) -> None:
        empty = not self._connections
        self.query_one("#what").display = empty
        self.query_one("#connections-head").display = not empty
        trouble = self.query_one("#trouble", Static)
        trouble.update(plain(self._trouble))
        trouble.set_class(bool(self._trouble), "-shown")
        choice = self.query_one("#list", Choice)
        wide = max(self.app.size.width - 4, 20)
        choice.fill(self._options(wide), choice.chosen)

    def _options(self, wide: int) -> list[Option]:
        options: list[Option] = []
        if self._connections:
            name = min(max(len(c.name) for c in self._connections), 30)
            options += [
                Option(self._line(c, name, wide), id=f"connection {c.name}") for c in self._connections
            ]
        else:
            for id, title, meaning in CHOICES:
                line = Content.assemble((title.ljust(32), "bold"), (meaning if wide > 60 else "", "$muted"))
                options.append(Option(line, id=f"do {id}"))
        if self._found:
            options.append(Option("", id="gap", disabled=True))
            head = Content.styled("Found in your clients, not set up here", "bold $muted")
            options.append(Option(head, id="found-head", disabled=True))
            width = min(max(len(f.target) for f in self._found), 30)
            for found in self._found:
                kind, says = self._app.states.get(found.target, (found.state, found.note))
                state = mark(kind, width=10)
                note = plain(one_line(says), "$muted")
                line = Content.assemble(state, "  ", pad(found.target, width), "  ", note)
                options.append(Option(line, id=f"found {found.target}"))
        return options

    def _line(self, connection: Connection, width: int, wide: int) -> Content:
        state, note = self._app.states.get(connection.name, ("untested", ""))
        service = pad(connection.service, 10) if wide > 60 else ""
        where = note or connection.environment
        return Content.assemble(
            mark(state, width=10),
            "  ",
            pad(connection.name, width),
            "  ",
            (service, "$muted"),
            "  ",
            plain(one_line(where), "$muted"),
        )

    def on_option_list_option_selected(self, event: Choice.OptionSelected) -> None:
        """Enter: what the line stands for."""
        kind, _, rest = (event.option_id or "").partition(" ")
        if kind in ("connection", "found"):
            self._diagnose(rest)
        elif rest == "set-up":
            self.action_set_up()
        elif rest == "diagnose":
            self._diagnose("")
        elif rest == "practise":
            self.action_practise()

    @property
    def _app(self) -> Authwizard:
        return cast("Authwizard", self.app)

    def action_set_up(self) -> None:
        """Start the wizard."""
        self._app.set_up()

    def action_diagnose(self) -> None:
        """Open the diagnosis, on the highlighted line when it is a connection or an entry."""
        try:
            chosen = self.query_one("#list", Choice).chosen or ""
        except OptionDoesNotExist:
            chosen = ""
        kind, _, rest = chosen.partition(" ")
        self._diagnose(rest if kind in ("connection", "found") else "")

    def _diagnose(self, target: str) -> None:
        from .diagnose.screen import DiagnoseScreen

        self.app.push_screen(DiagnoseScreen(target))

    def action_token(self) -> None:
        """Open the token screen."""
        from .token import TokenScreen

        self.app.push_screen(TokenScreen())

    def action_practise(self) -> None:
        """Start the practice services, then the wizard on them."""
        self.notify("Starting the practice services on this machine.", timeout=2)
        self.run_worker(self._practise, thread=True, exclusive=True, group="practise", description="")

    def _practise(self) -> None:
        try:
            self._app.ensure_practice()
        except (AuthwizardError, OSError) as error:
            sentence = (
                error.title if isinstance(error, AuthwizardError) else "The practice services did not start."
            )
            self.app.call_from_thread(self.notify, sentence, severity="error", markup=False)
            return
        self.app.call_from_thread(self._app.set_up)

    def action_help(self) -> None:
        """Say what this screen shows."""
        from .help import HELP, HelpScreen

        self.app.push_screen(HelpScreen("Home", HELP["home"]))


def _connections() -> tuple[tuple[Connection, ...], str]:
    """The saved connections, and what is wrong with their file."""
    from wizard import connections

    try:
        return connections.load_all(), ""
    except AuthwizardError as error:
        return (), f"{error.title} {error.detail}".strip()
