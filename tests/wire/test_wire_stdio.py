from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from pathlib import Path

import pytest

from diagnostics.mcp import McpError, open_session
from wizard.entries import Stdio
from wizard.secret import Secret
from wizard.transport import Transport

SERVER = """
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if "id" in m:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": {"serverInfo": {"name": "tiny"}}}), flush=True)
"""


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def _opening(command: tuple[str, ...], timeout: float = 20, **env: Secret) -> McpError:
    async with Transport() as transport:
        with pytest.raises(McpError) as caught:
            async with open_session(Stdio(command, env), transport, timeout=timeout):
                pass
    return caught.value


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that was killed stays until its new parent reaps it.
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


async def _gone(pid: int) -> bool:
    for _ in range(100):
        if not _alive(pid):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_not_there_and_not_executable(tmp_path: Path) -> None:
    assert (await _opening(("no-such-program",))).id == "command-not-found"
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    error = await _opening((str(script),))
    assert error.id == "command-not-executable"
    assert error.fix == (f"Make it executable: chmod +x {script}",)
    assert (await _opening(())).id == "no-command"
    async with Transport() as transport:
        with pytest.raises(McpError) as caught:
            async with open_session(Stdio(_python(SERVER), {}, str(tmp_path / "nowhere")), transport):
                pass
    assert caught.value.id == "no-folder"


async def test_it_ends_at_once_and_its_last_words_hold_no_secret() -> None:
    token = secrets.token_urlsafe(24)
    code = "import os, sys; print('first', file=sys.stderr); sys.exit('bad token ' + os.environ['TOKEN'])"
    error = await _opening(_python(code), TOKEN=Secret(token))
    assert error.id == "command-ended"
    assert "code 1" in error.detail
    assert "bad token ••••••••" in error.detail
    assert token not in str(error.as_json())


@pytest.mark.slow
async def test_garbage_and_silence() -> None:
    garbage = "import time; print('Welcome to the server!', flush=True); time.sleep(60)"
    error = await _opening(_python(garbage), 1.5)
    assert error.id == "garbage-on-stdout"
    assert "Welcome to the server!" in error.detail
    silent = "import sys, time; print('waiting for a licence', file=sys.stderr, flush=True); time.sleep(60)"
    error = await _opening(_python(silent), 1.5)
    assert error.id == "no-answer"
    assert "waiting for a licence" in error.detail


async def test_a_banner_is_noted_though_it_works() -> None:
    async with Transport() as transport:
        entry = Stdio(_python("print('Welcome!', flush=True)" + SERVER))
        async with open_session(entry, transport) as session:
            assert session.server_name == "tiny"
            assert "Welcome!" in session.notes[0]


async def test_nothing_is_left_running(tmp_path: Path) -> None:
    place = tmp_path / "pids"
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    code = (
        "import subprocess, sys, os, pathlib, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        f"pathlib.Path({str(place)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        + SERVER
        + "\nchild.wait()\n"
    )
    async with Transport() as transport, open_session(Stdio(_python(code)), transport) as session:
        assert session.wire == "stdio"
        pids = [int(p) for p in place.read_text().split()]
        assert all(_alive(p) for p in pids)
    for pid in pids:
        assert await _gone(pid)


async def test_cancelling_ends_it(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    code = f"import os, pathlib, time; pathlib.Path({str(place)!r}).write_text(str(os.getpid())); time.sleep(300)"

    async def opening() -> None:
        async with Transport() as transport, open_session(Stdio(_python(code)), transport, timeout=60):
            pass

    task = asyncio.create_task(opening())
    deadline = time.monotonic() + 20
    while not (place.exists() and place.read_text()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _gone(int(place.read_text()))


@pytest.mark.slow
async def test_a_child_that_left_the_group_does_not_hold_us_up(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    code = (
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        f"pathlib.Path({str(place)!r}).write_text(str(child.pid))\n"
    )
    try:
        async with asyncio.timeout(9):
            error = await _opening(_python(code + "sys.exit(3)"), 10)
            os.kill(int(place.read_text()), signal.SIGKILL)
            async with (
                Transport() as transport,
                open_session(Stdio(_python(code + SERVER)), transport) as session,
            ):
                assert session.server_name == "tiny"
    finally:
        os.kill(int(place.read_text()), signal.SIGKILL)
    assert error.id == "command-ended"
    assert "code 3" in error.detail
