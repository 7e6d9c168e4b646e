"""One page of help for a screen that has no guide beside it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from .widgets.keybar import Key, KeyBar
from .words import mark, plain, say

HELP = {
    "home": (
        "Connections are what you set up: a service, how you sign in, and a reference to the secret, never the "
        "secret itself. Below them stand the servers that your clients know and that were not set up here.\n\n"
        "Enter or d on a line looks for what is wrong with it; m shows a connection, puts it into more clients, "
        "renames or removes it; i makes a connection of a client's server. s sets up a service in six steps. A set-up "
        "that was left stands on top: Enter goes on with it, x forgets it; secrets were not kept and are asked for "
        "again. t explains a token, f checks the files that hold secrets. p starts practice services on this "
        "machine: nothing leaves it.\n\n"
        "Everywhere: Enter goes on, Esc goes back, Tab moves, Space ticks, F1 shows the guide, Ctrl+P lists all "
        "commands, Ctrl+Q quits."
    ),
    "connection": (
        "A connection is what was set up: the service, its address, how you sign in, and where the secret is. The "
        "secret itself is never shown. Below stand the clients that have an entry for it.\n\n"
        "Enter or d looks for what is wrong with it. a puts it into more clients, or takes it out of some. n gives it "
        "another name; the entries that were written for it follow. x shows what would go with it, and removes it "
        "once you have said so.\n\n"
        "Where it has a login: l logs in, r renews it, o logs out; where its own program keeps the login, l clears "
        "it, so that the next use asks anew, and u puts it back. Where it has a second method: t tests that, s "
        "switches to it.\n\n"
        "What is asked can be left with Esc: nothing is changed then."
    ),
    "import": (
        "A server that one of your clients has becomes a connection: its address, how it signs in, and where its "
        "secret is. Then it can be tested, and written into other clients.\n\n"
        "A reference to a variable stays one. A secret that stands in the client's file moves into the store for "
        "secrets, and is never shown; the client's file stays as it is, and you are told how to have a reference there "
        "instead. A helper of somebody else's is not run."
    ),
    "diagnose": (
        "Give a URL, the name of a connection, or CLIENT:SERVER for an entry of a client's config, such as "
        "claude-code:jira. It is read as that client would read it.\n\n"
        "Questions are put to the network, the server and the files; what each answers is shown as it comes. The "
        "first finding is the cause: who must act, the evidence, and the steps. A credential is sent to its own "
        "target only, and never shown.\n\n"
        "c copies a text for whoever must act. e shows each request and answer, t the token, h what it may do and what "
        "it lacks, f this machine's files, m the whole report. s saves the case into a file that holds no secret.\n\n"
        "Where an address wants a credential, g takes one and l logs in; where an entry starts a program, x starts it, "
        "once you have seen its command. While it waits, Esc ends it with what is known so far."
    ),
    "files": (
        "The files in which known services, your connections and clients keep credentials: whether only you can read "
        "them, whether they are yours, and whether they hold what they should. m changes the modes that are shown as "
        "chmod, and nothing else."
    ),
    "token": (
        "The token is decoded on this machine and sent nowhere. Its times, issuer, audience, scopes and groups are "
        "shown; the token itself is not. Name it instead of pasting it: env:VARIABLE, file:PATH.\n\n"
        "Then, if you want: v reads the issuer's public keys and checks the signature; the token stays here. u and i "
        "send it to the issuer that stands in it, and to nobody else: u asks whom it is for (user info), i whether it "
        "is active (introspection), as a client that you name. Where introspection says no, keys and user info tell "
        "whether the token is bad, or only made for another client."
    ),
}


class HelpScreen(Screen[None]):
    """Text, closed by Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1,q", "app.pop_screen", "Back", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        yield Static(say(self._title), classes="title", markup=False)
        with VerticalScroll(classes="main"):
            marks = Content("   ").join(
                mark(s) for s in ("works", "warning", "broken", "untested", "running")
            )
            yield Static(
                Content.assemble("\n", plain(self._text), "\n\n", ("Marks  ", "bold"), marks), markup=False
            )
        yield KeyBar(Key("Esc", "back", "app.pop_screen", main=True))
