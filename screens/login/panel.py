"""What the person must do now for a login to go on: its page, its code, how long there is, a field to paste into."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from wizard.oauth.person import DEVICE, Ask

from ..widgets.inputs import Line, SecretLine
from ..widgets.rows import Rows
from ..words import mark, mark_of, plain
from .text import DO, address, after, before, left, user_code

PASTE, PORT = "paste", "port"
_SHORT = 20


class LoginPanel(Vertical):
    """Not seen while nothing is to be done. ``pasted`` and ``port`` are told what was typed."""

    DEFAULT_CSS = """
    LoginPanel { height: auto; display: none; margin-bottom: 1; }
    LoginPanel.-asked { display: block; }
    LoginPanel Rows, LoginPanel Static { height: auto; }
    LoginPanel #login-do { text-style: bold; color: $text-accent; }
    LoginPanel #login-address { margin: 1 0; }
    LoginPanel #login-code { text-align: center; width: auto; padding: 1 3; margin-bottom: 1; display: none; }
    LoginPanel #login-code { background: $accent; color: $background; text-style: bold; }
    LoginPanel #login-code.-shown { display: block; }
    LoginPanel .entry { height: auto; display: none; margin-top: 1; }
    LoginPanel .entry.-shown { display: block; }
    LoginPanel .entry-label { text-style: bold; }
    LoginPanel #login-why { color: $text-warning; }
    LoginPanel.-tight, LoginPanel.-tight #login-address, LoginPanel.-tight .entry { margin: 0; }
    LoginPanel.-tight #login-code { padding: 0 1; margin: 0; }
    """

    def __init__(self, pasted: Callable[[str], None], port: Callable[[int], None]) -> None:
        super().__init__(id="login")
        self._pasted, self._port = pasted, port
        self.asked: Ask | None = None
        self.entry = ""
        self._ends = self._now = 0.0

    def compose(self) -> ComposeResult:
        yield Static("", id="login-do", markup=False)
        with Vertical(id="login-entry", classes="entry"):
            yield Static("", id="login-label", classes="entry-label", markup=False)
            yield SecretLine(placeholder="the whole address, from http:// to its end", id="login-paste")
            yield Line(placeholder="a number from 1024 to 65535", id="login-port")
            yield Static("", id="login-why", markup=False)
        yield Rows(id="login-before")
        yield Static("", id="login-code", markup=False)
        yield Static("", id="login-address", markup=False)
        yield Rows(id="login-after")

    def ask(self, ask: Ask | None, now: float = 0.0) -> None:
        """Show what is to be done from ``now`` on; None for nothing any more."""
        self.asked, self._ends, self._now = ask, now + (ask.seconds if ask else 0.0), now
        self.close()
        self._show()

    def at(self, now: float) -> None:
        """The time that is left."""
        self._now = now
        if self.asked is not None:
            self._title(layout=False)

    def open(self, entry: str, text: str = "") -> None:
        """Open the field for the pasted address (`PASTE`), or for a port (`PORT`), with this in it."""
        self.entry = entry
        self.complain("")
        label = "Paste the address at which the browser ended" if entry == PASTE else "Another port"
        self.query_one("#login-label", Static).update(f"{label}, then Enter. Esc closes this.")
        for one in (PASTE, PORT):
            line = self.query_one(f"#login-{one}", Line)
            line.value = text if one == entry else ""
            line.display = one == entry
        self.query_one("#login-entry").set_class(True, "-shown")
        self._show()
        self.query_one(f"#login-{entry}", Line).focus()

    def close(self) -> bool:
        """Close the field; whether one was open."""
        was, self.entry = bool(self.entry), ""
        for one in (PASTE, PORT):
            self.query_one(f"#login-{one}", Line).value = ""
        self.query_one("#login-entry").set_class(False, "-shown")
        self._show()
        if was:
            self.screen.set_focus(None)
        return was

    def complain(self, says: str) -> None:
        """Why what was typed was not taken; the field stays."""
        line = self.query_one("#login-why", Static)
        line.update(Content.assemble(mark_of("warning"), plain(says)) if says else "")
        line.display = bool(says)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the field."""
        event.stop()
        text = event.value.strip()
        if self.entry == PASTE and text:
            event.input.value = ""
            self._pasted(text)
        elif self.entry == PORT:
            if not (text.isascii() and text.isdigit() and 1024 <= int(text[:6]) <= 65535):
                self.complain("A port is a number from 1024 to 65535.")
                return
            self.close()
            self._port(int(text))

    def on_resize(self, _: events.Resize) -> None:
        """What stands first depends on the room."""
        self._show()

    def _title(self, *, layout: bool = True) -> None:
        ask = self.asked
        if ask is None:
            return
        time = f"   {left(self._ends - self._now)}" if ask.seconds else ""
        self.query_one("#login-do", Static).update(
            Content.assemble(mark("running", word=False), " ", plain(DO[ask.kind]), plain(time, "$muted")),
            layout=layout,
        )

    def _show(self) -> None:
        ask, tight = self.asked, self.app.size.height < _SHORT
        self.set_class(tight, "-tight")
        self.set_class(ask is not None or bool(self.entry), "-asked")
        if ask is None:
            for one in ("#login-do", "#login-code", "#login-address"):
                self.query_one(one, Static).update("")
            for one in ("#login-before", "#login-after"):
                self.query_one(one, Rows).show(())
            self.query_one("#login-address").display = False
            self.query_one("#login-code").set_class(False, "-shown")
            return
        self._title()
        self.query_one("#login-before", Rows).show(before(ask))
        self.query_one("#login-after", Rows).show(after(ask))
        shown = self.query_one("#login-address", Static)
        shown.update(plain(address(ask)))
        shown.display = bool(address(ask))
        code = self.query_one("#login-code", Static)
        spaced = (
            " ".join(user_code(ask)) if self.size.width >= 2 * len(user_code(ask)) + 8 else user_code(ask)
        )
        code.update(plain(spaced))
        code.set_class(ask.kind == DEVICE, "-shown")
        # where there is little room, what to do comes before a long address
        if tight and ask.kind != DEVICE:
            self.move_child(shown, after=self.query_one("#login-after"))
        else:
            self.move_child(shown, before=self.query_one("#login-after"))
