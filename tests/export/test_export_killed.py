"""Killed at any step of a write or an undo: the file is the old or the new one, and a later run finds nothing in its
way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wizard import backups, export, locks, paths
from wizard.entries import RemotePlan
from wizard.errors import UsageError

KILLS = 200 if os.environ.get("AUTHWIZARD_CI_LONG") else 40
"""Of writes; as many of undoing."""

PLAN = RemotePlan("fleet", "https://example.test/mcp", {"X-Team": ("blue",)})
OLD = json.dumps(
    {"mcpServers": {"other": {"command": "x"}}, "history": ["word " * 40] * 2000}, indent=1
).encode()

_NURSERY = """
import os, random, signal, sys, time
from pathlib import Path
from wizard import export, locks, replacing, written
from wizard.entries import RemotePlan

plan = RemotePlan("fleet", "https://example.test/mcp", {"X-Team": ("blue",)})
path = Path(sys.argv[1])
system = ("posix", "fcntl", "_io")


def work(kind, armed):
    if kind == "undo":
        armed()
        export.undo("claude-code", project=True, path=path)
        return
    change = export.prepare(plan, "conn", "claude-code", project=True, path=path, how="inline", secrets={})
    armed()
    export.write(change)


def stepwise(last):
    count = 0

    def look(frame, event, what):
        nonlocal count
        if event not in ("c_call", "c_return"):
            return
        if what.__module__ in system or type(what.__self__).__module__ in system:
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)

    return look, lambda: count


for line in sys.stdin:
    kind, how, number = line.split()
    began = time.monotonic()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        look, counted = stepwise(int(number) if how == "step" else 0)
        work(kind, lambda: sys.setprofile(look) if how == "step" else os.write(writing, b"x"))
        sys.setprofile(None)
        os.write(writing, str(counted()).encode())
        os._exit(0)
    os.close(writing)
    if how == "time":
        os.read(reading, 1)
        time.sleep(float(number))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        print(os.WIFSIGNALED(status), os.waitstatus_to_exitcode(status), told.read() or 0, flush=True)
"""
Kill = Callable[[str, str, float], tuple[bool, int]]


@pytest.fixture
def kill() -> Iterator[Kill]:
    """Do one kind of work in a process that is killed at a step or after some seconds: whether it was, and else how
    many steps it took."""
    words = [sys.executable, "-c", _NURSERY, str(Path(".mcp.json").absolute())]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nursery:
        assert nursery.stdin
        assert nursery.stdout

        def go(kind: str, how: str, number: float) -> tuple[bool, int]:
            print(kind, how, number, file=nursery.stdin, flush=True)
            killed, code, count = nursery.stdout.readline().split() if nursery.stdout else ("", "1", "0")
            assert killed == "True" or code == "0"
            return killed == "True", int(count)

        yield go
        nursery.stdin.close()


def _written() -> bytes:
    change = export.prepare(
        PLAN, "conn", "claude-code", project=True, path=Path(".mcp.json"), how="inline", secrets={}
    )
    export.write(change)
    return Path(".mcp.json").read_bytes()


def _undone() -> None:
    export.undo("claude-code", project=True, path=Path(".mcp.json"))


def _tidy() -> None:
    """Nothing but the file, the copies, their notes, the record and the locks is anywhere, and no lock is held."""
    assert [p.name for p in Path().iterdir()] == [".mcp.json"]
    kept = [p for p in paths.data_dir().rglob("*") if p.is_file() and p.parent != backups.folder()]
    assert {p.name for p in kept} <= {"written.json", ".written.json.lock", ".export.lock"}
    notes = [p for p in backups.folder().iterdir() if p.suffix == ".json" and "-mcp" not in p.name]
    copies = {json.loads(p.read_text())["copy"] for p in notes}
    assert {p.name for p in backups.folder().iterdir()} == copies | {p.name for p in notes}
    with locks.hold(paths.data_dir() / "export", seconds=0):
        pass


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("kind", ["write", "undo"])
def test_killed_at_any_step_the_file_is_the_old_or_the_new_one(kind: str, kill: Kill) -> None:
    path = Path(".mcp.json")
    path.write_bytes(OLD)
    path.chmod(0o640)
    new = _written()
    if kind == "write":
        _undone()
    killed, steps = kill(kind, "step", 0)
    assert not killed
    assert steps > 40
    if kind == "undo":
        _written()
    else:
        _undone()
    points = sorted({1 + n * steps // (KILLS * 3 // 4) for n in range(KILLS * 3 // 4)})
    ways = [("step", float(n)) for n in points]
    # at any moment as well, for a step of the system's own takes time
    rest = KILLS - len(ways)
    ways += [("time", 0.06 * n / rest) for n in range(rest)]
    seen = set()
    for how, number in ways:
        was_killed, _ = kill(kind, how, int(number) if how == "step" else number)
        assert was_killed or how == "time"
        held = path.read_bytes()
        assert held in (OLD, new)
        assert path.stat().st_mode & 0o777 == 0o640
        seen.add(held)
        if held == OLD:
            with pytest.raises(UsageError, match="taken back"):
                _undone()
        else:
            _undone()
        assert path.read_bytes() == OLD
        assert _written() == new
        _tidy()
        if kind == "write":
            _undone()
            assert path.read_bytes() == OLD
    assert seen == {OLD, new}
