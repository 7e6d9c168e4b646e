"""Home: the saved connections, what the clients hold besides, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.widgets.option_list import Option, OptionDoesNotExist

from wizard.errors import AuthwizardError
from wizard.lengths import roughly

from .widgets.keybar import Key, KeyBar
from .widgets.lists import Choice
from .words import mark, one_line, pad, plain, plain_ascii

if TYPE_CHECKING:
    from wizard.connections import Connection
    from wizard.outcomes import Outcome
    from wizard.setup.resume import Unfinished

    from .app import Authwizard

WHAT = (
    "authwizard sets up how an MCP client or a script signs in to a protected service, "
    "proves that the written config works, and, when something fails, names the one cause "
    "and who must do what. Secrets stay in your keyring and are never shown."
)

CHOICES = (
    ("set-up", "Set up a service", "six steps to a config that is proven to work"),
    ("diagnose", "Diagnose a failing one", "a URL, a connection, or a client's entry"),
    ("practise", "Practise on a built-in service", "FAOS, Fleet, GitHub ... on this machine"),
)

KEYS = (
    Key("s", "Set up", "screen.set_up"),
    Key("d", "Diagnose", "screen.diagnose"),
    Key("t", "Token", "screen.token"),
    Key("f", "Files", "screen.files"),
    Key("p", "Practise", "screen.practise"),
    Key("F1", "Help", "screen.help"),
    Key("q", "Quit", "app.quit"),
)
OF_A_LINE = {
    "connection": Key("m", "Manage", "screen.manage"),
    "resume": Key("x", "Forget", "screen.discard"),
    "found": Key("i", "Import", "screen.import"),
}


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
        Binding("f", "files", "Files", tooltip="Check and mend the files with secrets", id="home.files"),
        Binding("m", "manage", "Manage", tooltip="Show, rename or remove this connection", id="home.manage"),
        Binding("i", "import", "Import", tooltip="Make a connection of this entry", id="home.import"),
        Binding("x", "discard", "Forget", tooltip="Forget this unfinished set-up", id="home.discard"),
        Binding("p", "practise", "Practise", tooltip="Set up a service that runs here", id="home.practise"),
        Binding("f1,question_mark", "help", "Help", tooltip="What this screen shows", id="home.help"),
        Binding("q", "app.quit", "Quit", id="home.quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._look_again()
        self._found: tuple[Found, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("authwizard", "bold")), classes="title", markup=False)
        with VerticalScroll(classes="main", can_focus=False):
            yield Static(WHAT, id="what", markup=False)
            yield Choice(id="list")
            yield Static("", id="trouble", classes="problem", markup=False)
        yield KeyBar(*KEYS)

    def on_mount(self) -> None:
        """Show what is known at once; the clients' files are read after the first frame."""
        self._show()
        self.query_one("#list", Choice).focus()
        self.set_interval(1, self._watch)
        self.call_after_refresh(self._look_around)

    def on_screen_resume(self) -> None:
        """Back from another screen: connections may be new. That screen may have been there first of all, before this
        one was drawn at all."""
        if not self.is_mounted:
            return
        self._read_again()
        if self._ready:
            self._look_around()

    def on_resize(self) -> None:
        """What is shown of each line depends on the room."""
        if self._ready:
            self._show()

    def _look_again(self) -> None:
        self._seen = _stamps()
        self._connections, self._trouble = _connections()
        self._unfinished = _unfinished()

    def _read_again(self) -> None:
        self._look_again()
        self._app.look_again()
        self._show()

    def _watch(self) -> None:
        """Another process may have changed a connection, or tested one."""
        if self.is_current and _stamps() != self._seen:
            self._read_again()

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
        trouble = self.query_one("#trouble", Static)
        trouble.update(plain(self._trouble))
        trouble.set_class(bool(self._trouble), "-shown")
        choice = self.query_one("#list", Choice)
        wide = max(self.app.size.width - 4, 20)
        choice.fill(self._options(wide), choice.chosen)

    def _options(self, wide: int) -> list[Option]:
        options: list[Option] = []
        for kept in self._unfinished:
            left = in_words(kept.saved)
            more = f"   {kept.step}{f', left {left}' if left else ''}" if wide > 60 else ""
            line = Content.assemble(plain(one_line(kept.says), "bold $text-accent"), plain(more, "$muted"))
            options.append(Option(line, id=f"resume {kept.service}"))
        if self._unfinished:
            options.append(Option("", id="gap-0", disabled=True))
        if self._connections:
            options.append(
                Option(Content.styled("Connections", "bold $muted"), id="connections-head", disabled=True)
            )
            name = min(max(len(c.name) for c in self._connections), 30)
            options += [
                Option(self._line(c, name, wide), id=f"connection {c.name}") for c in self._connections
            ]
        else:
            options += [
                Option(
                    Content.assemble((title.ljust(32), "bold"), (meaning if wide > 60 else "", "$muted")),
                    id=f"do {id}",
                )
                for id, title, meaning in CHOICES
            ]
        if self._found:
            options.append(Option("", id="gap", disabled=True))
            head = Content.styled("Found in your clients, not set up here", "bold $muted")
            options.append(Option(head, id="found-head", disabled=True))
            width = min(max(len(f.target) for f in self._found), 30)
            for found in self._found:
                last = self._app.outcomes.get(found.target)
                state = mark(last.state if last else found.state, width=10)
                note = plain(one_line(last.says if last else found.note), "$muted")
                told = Content.assemble(state, "  ", pad(found.target, width), "  ", note)
                options.append(Option(_with_age(told, last, wide), id=f"found {found.target}"))
        return options

    def _line(self, connection: Connection, width: int, wide: int) -> Content:
        last = self._app.outcomes.get(connection.name)
        where = one_line((last.says if last else "") or connection.environment)
        # what came of it says more than what it is of
        service = f"{pad(connection.service, 10)}  " if wide >= 46 + width + len(where) else ""
        line = Content.assemble(
            mark(last.state if last else "untested", width=10),
            "  ",
            pad(connection.name, width),
            "  ",
            (service, "$muted"),
            plain(where, "$muted"),
        )
        return _with_age(line, last, wide)

    def on_option_list_option_highlighted(self, event: Choice.OptionHighlighted) -> None:
        """The keys are those of the line."""
        self._show_keys((event.option_id or "").partition(" ")[0])

    def _show_keys(self, kind: str) -> None:
        first, *rest = KEYS
        own = OF_A_LINE.get(kind)
        self.query_one(KeyBar).show(first, *((own,) if own else ()), *rest)

    def on_option_list_option_selected(self, event: Choice.OptionSelected) -> None:
        """Enter: what the line stands for."""
        kind, _, rest = (event.option_id or "").partition(" ")
        if kind in ("connection", "found"):
            self._diagnose(rest)
        elif kind == "resume":
            self._app.set_up(rest)
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
        kind, rest = self._line_of()
        self._diagnose(rest if kind in ("connection", "found") else "")

    def _line_of(self) -> tuple[str, str]:
        """What the highlighted line is, and of what."""
        try:
            chosen = self.query_one("#list", Choice).chosen or ""
        except OptionDoesNotExist:
            chosen = ""
        kind, _, rest = chosen.partition(" ")
        return kind, rest

    def action_discard(self) -> None:
        """Forget the unfinished set-up on the highlighted line."""
        kind, service = self._line_of()
        if kind == "resume":
            from wizard.setup import unfinished

            unfinished.discard(service)
            self._unfinished = _unfinished()
            self._show()
            self.notify("The unfinished set-up is forgotten.", timeout=3)

    def action_manage(self) -> None:
        """Show the connection on the highlighted line; rename or remove it there."""
        kind, name = self._line_of()
        if kind == "connection":
            from .connection import ConnectionScreen

            self.app.push_screen(ConnectionScreen(name))

    def action_import(self) -> None:
        """Make a connection of the client's entry on the highlighted line."""
        kind, target = self._line_of()
        if kind == "found":
            from .importing import ImportScreen

            self.app.push_screen(ImportScreen(target))

    def action_files(self) -> None:
        """Check the files that hold secrets."""
        from .files import FilesScreen

        self.app.push_screen(FilesScreen())

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


def _stamps() -> tuple[int, int]:
    """When each file that this screen shows was written last, in ns; 0 where it is not there."""
    from wizard import connections, outcomes

    try:
        return connections.path().stat().st_mtime_ns, outcomes.written()
    except OSError:
        return 0, outcomes.written()


def _unfinished() -> tuple[Unfinished, ...]:
    """The drafts that wait; nothing is imported where there is none."""
    from wizard.paths import state_dir

    if not (state_dir() / "unfinished").is_dir():
        return ()
    from wizard.setup import unfinished

    return unfinished.every()


def _with_age(line: Content, last: Outcome | None, wide: int) -> Content:
    """The line with its age at the right end, where there is room for it, or the line does not fit in any case."""
    if last is None or not last.at:
        return line
    age = _age(time() - last.at)
    room = wide - len(age) - 2
    if wide <= 60 or room < 30:
        return line
    if room < line.cell_length <= wide:
        return line
    if line.cell_length > room:
        line = line.truncate(room, ellipsis=not plain_ascii())
    return Content.assemble(line, " " * (room - line.cell_length + 2), (age, "$muted"))


def in_words(moment: str) -> str:
    """How long ago a time in UTC (``2026-11-21T14:35:07Z``) was; empty where it is none."""
    try:
        return f"{_age(time() - datetime.fromisoformat(moment).timestamp())} ago"
    except ValueError:
        return ""


def _age(seconds: float) -> str:
    # a list that is not drawn anew shows no seconds
    return roughly(max(60.0, seconds))
