"""A name server that does not answer: whoever ends the program does not wait for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_SITE = """
import os, socket, time
real = socket.getaddrinfo
def silent(host, *words, **named):
    if str(host) != "slow.test":
        return real(host, *words, **named)
    open(os.environ["ASKED"], "w").close()
    time.sleep(600)
socket.getaddrinfo = silent
"""
_SECONDS = 60
"""Far less than the look-up takes."""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is there once the name was asked for."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_SITE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *sys.path]))
    monkeypatch.setenv("ASKED", str(tmp_path / "asked"))
    return tmp_path / "asked"


def _started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "wizard", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_time_is_over(asked: Path) -> None:
    with _started("doctor", "http://slow.test/mcp", "--timeout", "3") as running:
        said, _ = running.communicate(timeout=_SECONDS)
    assert asked.exists()
    assert running.returncode == 1
    assert "slow.test" in said


@pytest.mark.skipif(os.name == "nt", reason="no signals to send")
def test_ctrl_c_gives_what_is_known_at_once(asked: Path) -> None:
    with _started("doctor", "http://slow.test/mcp") as running:
        end = time.monotonic() + _SECONDS
        while not asked.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said, wrong = running.communicate(timeout=_SECONDS)
    assert running.returncode == 130
    assert "slow.test" in said + wrong
    assert "Traceback" not in wrong
