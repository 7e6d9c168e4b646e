"""A home that another user can come to, and the command line as that user: root's eyes see everything."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from files_support import NOBODY
from support.running import Ran, Run

from commands.main import main
from wizard.secret import Secret


@pytest.fixture(autouse=True)
def home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The empty home, moved to where another user can come: pytest's own folder is closed to all but its owner."""
    with tempfile.TemporaryDirectory(prefix="authwizard-files-") as made:
        open_to_all = Path(made)
        open_to_all.chmod(0o711)
        place = open_to_all / "home"
        shutil.copytree(home, place, symlinks=True)
        place.chmod(0o700)
        for name, value in os.environ.items():
            if value.startswith(str(home)):
                monkeypatch.setenv(name, str(place) + value.removeprefix(str(home)))
        monkeypatch.chdir(place / "project")
        yield place


@pytest.fixture
def token() -> Secret:
    """A token of the form that Fleet makes."""
    return Secret(secrets.token_urlsafe(32))


@pytest.fixture
def as_nobody(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command line as the user nobody, whose home is the test's; what lies in `of-root` stays as it is."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; .ci/run runs as root")
    # the program is loaded before the user is changed: it may lie where only root can look
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HOME", "/nonexistent")
        run("files", "/dev/null", "--json")
        run("doctor", "http://127.0.0.1:9/mcp", "--json")
        for module in (
            "screens.words",
            "diagnostics.report",
            "wizard.vault.files",
            "_strptime",
            "encodings.ascii",
        ):
            importlib.import_module(module)

    def go(*words: str) -> Ran:
        for place in (home, *home.rglob("*")):
            if "of-root" not in place.parts:
                os.chown(place, NOBODY, NOBODY, follow_symlinks=False)
        out, err = os.memfd_create("out"), os.memfd_create("err")
        child = os.fork()
        if child == 0:
            _become(out, err, words)
        _, status = os.waitpid(child, 0)
        ran = Ran(os.waitstatus_to_exitcode(status), _said(out), _said(err))
        assert "Traceback" not in ran.err, ran.err
        return ran

    return go


def _become(out: int, err: int, words: tuple[str, ...]) -> None:
    """In the child: another user from here on, and never back."""
    code = 70
    try:
        sys.stdout, sys.stderr = os.fdopen(out, "w"), os.fdopen(err, "w")
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        code = main(list(words))
    except BaseException:  # noqa: BLE001  whatever happens, the child of a test must not go on as the test
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _said(handle: int) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(handle, encoding="utf-8") as stream:
        return stream.read()
