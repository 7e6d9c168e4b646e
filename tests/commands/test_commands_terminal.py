"""``setup`` on a terminal asks in plain lines; the full-screen program starts there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.keeping import where_found

from sandbox.practice import Practice

ROOT = Path(__file__).resolve().parents[2]


class Terminal:
    """A child process on a pseudo-terminal of its own."""

    def __init__(self, *words: str) -> None:
        self.master, child = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wizard", *words],
            stdin=child,
            stdout=child,
            stderr=child,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "LINES": "24"},
            start_new_session=True,
        )
        os.close(child)
        self.text = ""

    def until(self, words: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < end, f"`{words}` did not come: {self.text[-2000:]}"
            ready, _, _ = select.select([self.master], [], [], 0.2)
            if ready:
                try:
                    self.text += os.read(self.master, 65536).decode(errors="replace")
                except OSError:
                    assert words in self.text, self.text[-2000:]

    def say(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                try:
                    self.text += os.read(self.master, 65536).decode(errors="replace")
                except OSError:
                    break
        try:
            return self.process.wait(10)
        finally:
            os.close(self.master)


@pytest.mark.slow
@pytest.mark.row("A7")
def test_setup_asks_for_what_is_missing(services: Practice, home: Path) -> None:
    token = services.services["faos"].credentials["token"]
    terminal = Terminal("setup", "faos", "--client", "claude-code", "--project", "--store", "file")
    terminal.until("practice")
    terminal.say("practice\n")
    terminal.until("How do you sign in?")
    terminal.say("api_token\n")
    terminal.until("(not shown):")
    time.sleep(0.2)
    terminal.say(token.reveal() + "\n")
    terminal.until("[y/N]")
    terminal.say("y\n")
    assert terminal.end() == 0, terminal.text
    assert "is set up and works" in terminal.text
    assert "faos-practice" in Path(".mcp.json").read_text()
    assert len(where_found(token, home, terminal.text)) == 1
    assert "\x1b" not in terminal.text


def test_no_is_an_answer(services: Practice, home: Path) -> None:
    place = services.services["fleet"].token_file
    terminal = Terminal(
        *("setup", "fleet", "--environment", "practice", "--secret", f"token=file:{place}"),
        *("--client", "claude-code", "--project"),
    )
    terminal.until("[y/N]")
    terminal.say("n\n")
    assert terminal.end() == 1
    assert not Path(".mcp.json").exists()
    assert not (home / ".config/authwizard/connections.json").exists()


def test_ctrl_c_at_a_question(home: Path) -> None:
    terminal = Terminal("setup", "faos")
    terminal.until("Which?")
    time.sleep(0.3)
    os.killpg(terminal.process.pid, 2)
    assert terminal.end() == 130
    assert "Traceback" not in terminal.text
    assert not (home / ".config/authwizard").exists()


def test_the_full_screen_program_starts_on_a_terminal(home: Path) -> None:
    terminal = Terminal("--practice")
    terminal.until("Set up")
    terminal.until("Diagnose")
    terminal.say("\x11")
    assert terminal.end() == 0, terminal.text[-500:]
