"""The full-screen program in a real terminal of 80x24, by keys alone, from an empty home to files that the real
Claude Code accepts."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from servers.terminal import Terminal, activate

pytestmark = pytest.mark.real("tmux", "claude")


def private_files(home: Path) -> list[Path]:
    return [p for p in (home / ".local/share/authwizard").rglob("*") if p.is_file()]


@pytest.mark.row("A7", "F1", "L1", "L2")
def test_practice_by_keys_alone(terminal: Terminal, home: Path, claude: Any) -> None:
    terminal.start(sys.executable, "-m", "wizard", "--practice")
    terminal.until("q Quit")

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
    terminal.until("Enter next: credentials")
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
