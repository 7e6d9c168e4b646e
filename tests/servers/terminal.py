"""A real terminal of 80x24: tmux, keys at a person's pace, and the words on the screen."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[2]

_NO_PERSON: Final = frozenset({"TMUX", "CI", "CONTINUOUS_INTEGRATION"})


class Terminal:
    """One tmux session on a socket of its own."""

    def __init__(self, home: Path) -> None:
        self._name = f"authwizard-{secrets.token_hex(4)}"
        self._home = home

    def tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._name, *words], capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout

    def start(self, *command: str, more: Mapping[str, str] | None = None) -> None:
        """Start a program with the variables of here, and ``more``; not with those by which a program knows that no
        person is there (Gemini CLI shows nothing then)."""
        given = {**os.environ, **(more or {})}
        env = [f"{k}={v}" for k, v in given.items() if k not in _NO_PERSON and not k.startswith("CI_")]
        self.tmux(
            # how a program ended that should not have stays to be read
            "-f", "/dev/null", "start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";",
            "new-session", "-d", "-x", "80", "-y", "24", "-c", str(Path.cwd()),
            "env", "-i", *env, f"PYTHONPATH={ROOT}", "LANG=C.UTF-8", *command,
        )  # fmt: skip

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def until(self, words: str, seconds: float = 40) -> str:
        """The screen once it shows these words (runs of space count as one)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            shown = self.screen()
            if words in " ".join(shown.split()):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"never showed {words!r}; the last screen:\n{self.screen()}")

    def press(self, *keys: str) -> None:
        """Keys at a person's pace."""
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(0.25)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)


@pytest.fixture
def terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    session = Terminal(home)
    yield session
    session.tmux("kill-server")


def activate(terminal: Terminal, name: str = "") -> None:
    """From the live test to the written, read back and answered file, and home again; ``name`` is what to call it."""
    terminal.until("It works")
    terminal.press("Enter")
    terminal.until("Enter write 1 file")
    if name:
        terminal.press("BTab", "End", "C-u")
        terminal.type(name)
        terminal.until(name)
    terminal.press("Enter")
    terminal.until("written, read back, answered")
    terminal.press("Enter")
    terminal.until("q Quit")
