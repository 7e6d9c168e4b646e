"""Other people's files as they are: rewritten meanwhile, linked, owned by another, with attributes, no file at all."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from wizard import export, paths, replacing
from wizard.entries import RemotePlan
from wizard.errors import FileProblem

PLAN = RemotePlan("fleet", "https://example.test/mcp", {"X-Team": ("blue",)})
MCP = Path(".mcp.json")
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX alone")
root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may give a file away")


def _prepare(path: Path | None = None) -> export.Change:
    return export.prepare(PLAN, "conn", "claude-code", project=True, path=path, how=None, secrets={})


def _held(path: Path = MCP) -> dict[str, object]:
    found = json.loads(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def _when_ready(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Do something in the last moment before each of our writes to the file, told its number."""
    real, calls = paths.write_atomic, []

    def late(path: Path, content: bytes, mode: int, last_look: Callable[[], None] | None = None) -> None:
        def look() -> None:
            if last_look is not None:
                calls.append(path)
                act(len(calls))
                last_look()

        real(path, content, mode, look)

    monkeypatch.setattr(paths, "write_atomic", late)


def test_what_changed_elsewhere_in_the_file_since_the_preview_is_kept() -> None:
    MCP.write_text('{"mcpServers": {}, "n": 1}', "utf-8")
    change = _prepare()
    MCP.write_text('{"mcpServers": {"theirs": {}}, "n": 2}', "utf-8")
    done = export.write(change)
    assert _held()["n"] == 2
    assert set(_held()["mcpServers"]) == {"theirs", "fleet"}  # type: ignore[call-overload]  # an object
    assert done.change.after == MCP.read_bytes()
    export.undo("claude-code", project=True, path=None)
    assert MCP.read_text("utf-8") == '{"mcpServers": {"theirs": {}}, "n": 2}'


def test_an_entry_is_taken_out_of_a_file_that_changed_since() -> None:
    export.write(_prepare())
    gone = export.remove("fleet", "claude-code", project=True, path=None)
    MCP.write_text(json.dumps({**_held(), "n": 2}), "utf-8")
    export.write(gone)
    assert _held() == {"mcpServers": {}, "n": 2}


def test_an_entry_that_changed_itself_is_not_replaced_unseen() -> None:
    export.write(_prepare())
    gone = export.remove("fleet", "claude-code", project=True, path=None)
    theirs = {
        "mcpServers": {
            "fleet": {"type": "http", "url": "https://example.test/mcp", "headers": {"X-Team": "red"}}
        }
    }
    MCP.write_text(json.dumps(theirs), "utf-8")
    with pytest.raises(FileProblem, match="since the preview"):
        export.write(gone)
    assert _held() == theirs


def test_a_program_that_writes_in_the_last_moment_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    MCP.write_text('{"n": 0}', "utf-8")
    change = _prepare()

    def act(number: int) -> None:
        if number == 1:
            MCP.write_text('{"n": 1}', "utf-8")

    _when_ready(monkeypatch, act)
    export.write(change)
    assert _held()["n"] == 1
    assert "mcpServers" in _held()


def test_a_file_that_is_written_again_and_again_is_given_up_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    MCP.write_text('{"n": 0}', "utf-8")
    change = _prepare()

    def act(number: int) -> None:
        MCP.write_text(json.dumps({"n": number}), "utf-8")

    _when_ready(monkeypatch, act)
    with pytest.raises(FileProblem, match="another program"):
        export.write(change)
    assert _held() == {"n": 3}
    assert [p.name for p in Path().iterdir()] == [".mcp.json"]


def test_a_file_that_vanishes_is_not_made_anew_unseen() -> None:
    MCP.write_text('{"n": 0}', "utf-8")
    change = _prepare()
    MCP.unlink()
    with pytest.raises(FileProblem, match="since the preview"):
        export.write(change)
    assert not MCP.exists()


def test_several_of_us_at_once_lose_nothing() -> None:
    MCP.write_text('{"n": 0}', "utf-8")
    plans = [RemotePlan(f"s{n}", "https://example.test/mcp") for n in range(6)]
    changes = [
        export.prepare(p, "c", "claude-code", project=True, path=MCP.absolute(), how=None, secrets={})
        for p in plans
    ]
    workers = [threading.Thread(target=export.write, args=(change,)) for change in changes]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(_held()["mcpServers"]) == {p.name for p in plans}  # type: ignore[call-overload]  # an object


@posix
def test_another_name_of_the_file_keeps_what_it_had(tmp_path: Path) -> None:
    MCP.write_text("{}", "utf-8")
    other = tmp_path / "other"
    os.link(MCP, other)
    export.write(_prepare())
    assert other.read_text("utf-8") == "{}"
    assert "fleet" in MCP.read_text("utf-8")


@root
def test_it_stays_its_owners() -> None:
    MCP.write_text("{}", "utf-8")
    MCP.chmod(0o640)
    os.chown(MCP, 12345, 54321)
    export.write(_prepare())
    held = MCP.stat()
    assert (held.st_uid, held.st_gid, stat.S_IMODE(held.st_mode)) == (12345, 54321, 0o640)
    export.undo("claude-code", project=True, path=None)
    held = MCP.stat()
    assert (held.st_uid, held.st_gid, stat.S_IMODE(held.st_mode)) == (12345, 54321, 0o640)


@root
def test_what_would_become_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    MCP.write_text("{}", "utf-8")
    os.chown(MCP, 1, 1)
    change = _prepare()

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    with pytest.raises(FileProblem, match="belongs to"):
        export.write(change)
    assert MCP.read_text("utf-8") == "{}"
    assert [p.name for p in Path().iterdir()] == [".mcp.json"]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_its_attributes_stay() -> None:
    MCP.write_text("{}", "utf-8")
    try:
        os.setxattr(MCP, "user.note", b"mine")
    except OSError as problem:
        pytest.skip(f"this file system has none: {problem.strerror}")
    export.write(_prepare())
    assert os.getxattr(MCP, "user.note") == b"mine"


@posix
def test_a_link_that_leads_nowhere_is_filled_and_undone(tmp_path: Path) -> None:
    MCP.symlink_to(tmp_path / "dotfile.json")
    export.write(_prepare())
    assert MCP.is_symlink()
    assert "fleet" in (tmp_path / "dotfile.json").read_text("utf-8")
    export.undo("claude-code", project=True, path=None)
    assert MCP.is_symlink()
    assert not (tmp_path / "dotfile.json").exists()


@posix
def test_a_link_into_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    MCP.symlink_to(tmp_path / "away" / "dotfile.json")
    change = _prepare()
    with pytest.raises(FileProblem, match="could not be written") as caught:
        export.write(change)
    assert f"link to {tmp_path / 'away'}" in caught.value.detail
    assert not (tmp_path / "away").exists()


@posix
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "loop", "folder"])
def test_what_is_no_file_is_refused_at_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where = MCP
    if kind == "pipe":
        os.mkfifo(MCP)
    elif kind == "loop":
        MCP.symlink_to(MCP.name)
    elif kind == "folder":
        MCP.mkdir()
    elif kind == "device":
        where = Path("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(MCP.name)
    with pytest.raises(FileProblem, match="cannot be read") as caught:
        _prepare(where.absolute())
    assert caught.value.id == "file-unreadable"


def test_a_file_that_is_far_too_large_is_not_even_read() -> None:
    with MCP.open("wb") as stream:
        stream.truncate(10**12)
    with pytest.raises(FileProblem, match="larger than"):
        _prepare()


@posix
def test_only_what_a_dead_writer_left_is_tidied(tmp_path: Path) -> None:
    handle, alive = replacing._new(tmp_path / "one.json")
    dead = tmp_path / ".two.json.abcd1234.authwizard"
    dead.write_text("x", "utf-8")
    theirs = tmp_path / ".two.json.swp"
    theirs.write_text("x", "utf-8")
    replacing.tidy(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} >= {Path(alive).name, theirs.name}
    assert not dead.exists()
    os.close(handle)
    replacing.tidy(tmp_path)
    assert not Path(alive).exists()
