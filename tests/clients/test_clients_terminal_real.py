"""The full-screen program in a real terminal of 80x24, by keys alone, from an empty home to files that the real
Claude Code accepts."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real("tmux", "claude")

ROOT = Path(__file__).parents[2]


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

    def start(self, *command: str) -> None:
        env = [f"{k}={v}" for k, v in os.environ.items() if k != "TMUX"]
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", str(Path.cwd()),
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


def activate(terminal: Terminal) -> None:
    """From the live test to the written, read back and answered file, and home again."""
    terminal.until("It works")
    terminal.press("Enter")
    terminal.until("Enter write 1 file")
    terminal.press("Enter")
    terminal.until("written, read back, answered")
    terminal.press("Enter")
    terminal.until("s Set up d Diagnose")


def private_files(home: Path) -> list[Path]:
    return [p for p in (home / ".local/share/authwizard").rglob("*") if p.is_file()]


@pytest.mark.row("A7", "F1", "L1", "L2")
def test_practice_by_keys_alone(terminal: Terminal, home: Path, claude: Any) -> None:
    terminal.start(sys.executable, "-m", "wizard", "--practice")
    terminal.until("s Set up d Diagnose")

    terminal.press("s")
    terminal.until("What do you want to sign in to?")
    terminal.press("Enter", "Enter")
    terminal.until("How do you sign in?")
    terminal.press("Enter")
    terminal.until("Ctrl+T fills in")
    terminal.press("C-t")
    terminal.until("••••")
    terminal.press("Enter")
    terminal.until("0 of 8 scopes")
    terminal.press("p")
    terminal.until("preset: Developer")
    terminal.press("Enter")
    activate(terminal)

    terminal.press("s")
    terminal.until("What do you want to sign in to?")
    terminal.press("Down", "Enter", "Enter")
    terminal.until("How do you sign in?")
    terminal.press("Enter")
    terminal.until("a reference: file:")
    terminal.press("Enter")
    terminal.until("Fleet names no permissions")
    terminal.press("Enter")
    activate(terminal)

    written = Path(".mcp.json").read_text(encoding="utf-8")
    assert set(json.loads(written)["mcpServers"]) == {"faos-practice", "fleet-practice"}
    listed = claude()
    assert listed.connected("faos-practice"), listed.text
    assert listed.connected("fleet-practice"), listed.text
    assert all(p.stat().st_mode & 0o077 == 0 for p in private_files(home))
    terminal.press("C-q")


def test_a_typed_url_by_keys_alone(terminal: Terminal, fastmcp_static: Any, claude: Any) -> None:
    terminal.start(sys.executable, "-m", "wizard", "mcp")
    terminal.until("What do you want to sign in to?")
    terminal.press("Enter")
    time.sleep(1)
    terminal.type(fastmcp_static.url)
    terminal.press("Enter")
    terminal.until("How do you sign in?")
    terminal.press("Enter")
    terminal.until("With what?")
    terminal.type(fastmcp_static.token)
    terminal.until("••••")
    assert fastmcp_static.token not in terminal.screen()
    terminal.press("Enter")
    terminal.until("Enter goes on")
    terminal.press("Enter")
    activate(terminal)
    names = list(json.loads(Path(".mcp.json").read_text(encoding="utf-8"))["mcpServers"])
    assert claude().connected(names[0])
