"""Opening a page: a browser that stays open is one that opened, and is buried when it ends."""

from __future__ import annotations

import gc
import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest

from wizard import browsing

STAYS = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"


def test_a_browser_that_stays_leaves_no_process_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "_SECONDS", 0.05)
    told = tmp_path / "pid"
    monkeypatch.setenv("BROWSER", shlex.join([sys.executable, "-c", STAYS, str(told)]))
    assert browsing.open_page("http://127.0.0.1:9/")
    gc.collect()  # a process that nobody waits for is a warning here, which is an error
    deadline = time.monotonic() + 30
    while not (told.exists() and told.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    pid = int(told.read_text())
    os.kill(pid, signal.SIGTERM)
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "a zombie stayed"
        time.sleep(0.02)
