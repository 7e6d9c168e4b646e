"""A login in a real terminal, by keys alone: from an empty home to an entry that the real Claude Code uses; a browser
that never came, a wrong paste, a resized terminal, Ctrl+C."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.chromium import Person
from servers.protected import Protected
from servers.real import free_port
from servers.terminal import Terminal

from wizard import catalogue
from wizard.oauth import sessions

NewPerson = Callable[..., Person]


def to_the_test(terminal: Terminal, url: str, method: str = "authorization_code") -> None:
    """As far as the test step, which begins by itself."""
    terminal.start(sys.executable, "-m", "wizard", "mcp")
    terminal.until("What do you want to sign in to?")
    terminal.press("Enter")
    time.sleep(1)
    terminal.type(url)
    terminal.press("Enter")
    terminal.until("Enter next: credentials")
    # it has asked the server by then, and chosen a login
    terminal.until("This server asks for a login.")
    ids = [m.id for m in catalogue.load().get("mcp").methods]
    terminal.press("Home", *["Down"] * ids.index(method))
    terminal.press("Enter")
    terminal.until("Nothing has to be filled in")
    terminal.press("Enter")
    terminal.until("Enter goes on")
    terminal.press("Enter")


def taken(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as one:
        one.settimeout(5)
        return one.connect_ex(("127.0.0.1", port)) == 0


def eventually(so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 40
    while not so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)


def port_of(screen: str) -> int:
    """The port in the redirect URI of the address that is shown."""
    found = re.search(
        r"127\.0\.0\.1%3A(\d+)%2Fcallback", "".join(line.strip() for line in screen.splitlines())
    )
    assert found, screen
    return int(found[1])


@pytest.mark.real("tmux", "claude", "npm", "chromedriver")
@pytest.mark.row("A1", "A7", "U2")
def test_from_an_empty_home_to_claude_code(
    terminal: Terminal,
    oidc_protected: Protected,
    chromium_browser: NewPerson,
    claude: Any,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice = chromium_browser("alice")
    monkeypatch.setenv("BROWSER", alice.command)
    to_the_test(terminal, oidc_protected.url)
    shown = terminal.until("It works", 150)
    assert "granted" in shown
    assert alice.page()["path"] == "/callback"
    terminal.press("Enter")
    terminal.until("Enter write 1 file")
    for _ in range(8):
        if "asks authwizard for it" in " ".join(terminal.screen().split()):
            break
        terminal.press("h")
        time.sleep(1)
    terminal.press("Enter")
    terminal.until("written, read back, answered")
    terminal.press("Enter")
    terminal.until("q Quit")
    written = Path(".mcp.json").read_text(encoding="utf-8")
    (name,) = json.loads(written)["mcpServers"]
    oidc_protected.forget()
    listed = claude()
    assert listed.connected(name), listed.text
    claims = [h["claims"] for h in oidc_protected.heard() if h.get("claims")]
    assert claims
    assert {c["sub"] for c in claims} == {"alice"}
    held = [p for p in (home / ".local/share/authwizard").rglob("*") if p.is_file()]
    assert held
    assert all(p.stat().st_mode & 0o077 == 0 for p in held)
    token = sessions.read(name).login.access_token.reveal()
    assert token not in written
    assert token not in listed.text
    terminal.press("C-q")


@pytest.mark.real("tmux", "npm")
@pytest.mark.row("A7")
def test_nobody_comes(terminal: Terminal, oidc_protected: Protected) -> None:
    to_the_test(terminal, oidc_protected.url)
    first = port_of(terminal.until("No browser opens here"))
    assert taken(first)

    terminal.press("p")
    terminal.until("Paste the address")
    terminal.type("http://127.0.0.1:1/other?code=x")
    terminal.press("Enter")
    terminal.until("not the address to which this login")
    terminal.press("Escape")
    eventually(lambda: "Paste the address" not in terminal.screen())
    terminal.until("c copies this address")

    other = free_port()
    terminal.press("t")
    terminal.until("Another port")
    terminal.type(str(other))
    terminal.press("Enter")
    eventually(lambda: port_of(terminal.until("No browser opens here")) == other)
    assert taken(other)
    assert not taken(first)

    terminal.tmux("resize-window", "-x", "50", "-y", "14")
    terminal.until("If the browser ends at a page")
    terminal.tmux("resize-window", "-x", "120", "-y", "40")
    terminal.until("who gives tokens for this server")

    terminal.press("Escape")
    terminal.until("The test was cancelled.")
    assert not taken(other)
    terminal.press("r")
    terminal.until("No browser opens here")
    terminal.press("C-c")
    eventually(lambda: not taken(other))
    assert "Traceback" not in terminal.screen()


@pytest.mark.real("tmux", "npm", "chromedriver")
@pytest.mark.row("A1", "A7")
def test_by_the_code_that_stands_on_the_screen(
    terminal: Terminal, oidc_protected: Protected, chromium_browser: NewPerson
) -> None:
    bob = chromium_browser("bob")
    to_the_test(terminal, oidc_protected.url, "device_code")
    shown = terminal.until("type the code there")
    code = page = None
    for _ in range(50):
        # a screen is drawn in pieces: the words may be there before the code is
        code = re.search(r"(?:[A-Z] ){4}- (?:[A-Z] ){3}[A-Z]", shown)
        page = re.search(rf"{re.escape(oidc_protected.issuer)}/\S+", shown)
        if code and page:
            break
        time.sleep(0.1)
        shown = terminal.screen()
    assert code, shown
    assert page, shown
    typed = f"{page[0]}?user_code={code[0].replace(' ', '')}"
    words = [typed if word == "%s" else word for word in shlex.split(bob.command)]
    subprocess.run(words, check=True, timeout=120)
    terminal.until("It works", 60)
    claims = [h["claims"] for h in oidc_protected.heard() if h.get("claims")]
    assert "bob" in {c["sub"] for c in claims}
    terminal.press("C-q")
