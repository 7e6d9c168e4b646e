"""No write makes a file with secrets in it open to others, whatever the umask and the files beside it."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard import export
from wizard.entries import RemotePlan, Slot
from wizard.secret import Secret

FOLDER = Path(".oauth-tokens")


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _wrote(name: str) -> None:
    plan = RemotePlan(
        name, f"https://gw.test/{name}/mcp", {"X-Authorization": ("Bearer ", Slot("access_token", "A"))}
    )
    held = {"access_token": Secret(secrets.token_urlsafe(24))}
    export.write(
        export.prepare(plan, "c", "gateway", project=False, path=None, how=None, secrets=held, sources={})
    )


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_is_private() -> None:
    _wrote("one")
    assert _mode(FOLDER) == 0o700
    assert {_mode(p) for p in FOLDER.iterdir()} == {0o600}


@pytest.mark.parametrize("main", [None, 0o644, 0o666])
def test_taking_one_out_opens_no_other_file(main: int | None) -> None:
    _wrote("one")
    _wrote("two")
    if main is None:
        (FOLDER / "mcp.json").unlink()
    else:
        (FOLDER / "mcp.json").chmod(main)
    export.write(export.remove("one", "gateway", project=False, path=None))
    guide = (FOLDER / "vscode_mcp.json").read_text("utf-8")
    assert '"two"' in guide
    assert '"one"' not in guide
    assert _mode(FOLDER / "vscode_mcp.json") == 0o600


def test_an_open_file_is_narrowed_when_a_token_is_written_into_it() -> None:
    FOLDER.mkdir(mode=0o755)
    for name in ("mcp.json", "vscode_mcp.json", "ingress.json"):
        (FOLDER / name).write_text("{}", encoding="utf-8")
        (FOLDER / name).chmod(0o666)
    _wrote("one")
    assert {p.name: _mode(p) for p in FOLDER.iterdir() if _mode(p) != 0o600} == {}
