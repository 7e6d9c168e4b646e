"""Start-up as two ratios from one run: first frame against a hello-world Textual app, `--version` against Python.

Each pair is run in turn (A B A B …) in a fresh process, in an empty home, in a pseudo-terminal of 80x24; the
median of the ratios counts. Bounds: 1.4 for the first frame, 6 for ``--version``.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Static("Hello, world")
Hello().run()
"""
FRAME_BOUND = 1.4
VERSION_BOUND = 6.0
_STYLE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def environment(home: str) -> dict[str, str]:
    """A clean one: no developer's variable changes the measure."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "XDG_CONFIG_HOME": f"{home}/.config",
        "XDG_DATA_HOME": f"{home}/.local/share",
        "XDG_STATE_HOME": f"{home}/.local/state",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
    }


def first_frame(command: list[str], words: tuple[bytes, ...], home: str, quit_key: bytes) -> float:
    """Seconds from start to a frame that shows the words, of a program that then answers a key by ending."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(home)
        os.execvpe(command[0], command, environment(home))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen, shown = b"", 0.0
    try:
        while time.perf_counter() - began < 30:
            if not select.select([terminal], [], [], 0.05)[0]:
                continue
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if not shown and all(word in _STYLE.sub(b"", seen) for word in words):
                shown = time.perf_counter() - began
                os.write(terminal, quit_key)
        if not shown:
            sys.exit(f"{command[-1]}: no first frame; the last output was {_STYLE.sub(b'', seen)[-300:]!r}")
        return shown
    finally:
        os.close(terminal)
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def whole(command: list[str], home: str) -> float:
    """Seconds of a whole process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment(home), cwd=home)
    return time.perf_counter() - began


def main() -> int:
    """Print both ratios; exit 1 where one is past its bound."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    program = str(Path(sys.executable).parent / "authwizard")
    frames, versions = [], []
    with tempfile.TemporaryDirectory() as home:
        hello = str(Path(home) / "hello.py")
        Path(hello).write_text(HELLO, encoding="utf-8")
        for run in range(given.runs + 1):
            ours = first_frame([program], (b"Set up", b"Diagnose"), home, b"\x11")
            theirs = first_frame([sys.executable, hello], (b"Hello, world",), home, b"\x11")
            version = whole([program, "--version"], home)
            floor = whole([sys.executable, "-c", "pass"], home)
            if run:  # the first warms the caches of compiled files
                frames.append((ours, theirs))
                versions.append((version, floor))
    frame = statistics.median(a / b for a, b in frames)
    version = statistics.median(a / b for a, b in versions)
    if given.json:
        print(
            json.dumps(
                {"first_frame_ratio": round(frame, 3), "version_ratio": round(version, 3), "runs": given.runs}
            )
        )
    else:
        print(f"first frame: {frame:.2f} times a hello-world Textual app (bound {FRAME_BOUND})")
        print(f"--version:   {version:.2f} times python -c pass (bound {VERSION_BOUND})")
    return 0 if frame <= FRAME_BOUND and version <= VERSION_BOUND else 1


if __name__ == "__main__":
    raise SystemExit(main())
