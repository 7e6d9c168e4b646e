"""What a shell of the entry replaces by itself is no fault; what no shell and no client replaces is."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

import pytest
from support.running import Run

from diagnostics import shells

_TEXT = "python3 std.py --key {}"


@pytest.mark.parametrize(
    "words",
    [
        ["bash", "-lc", _TEXT],
        ["sh", "-c", _TEXT],
        ["/bin/dash", "-ec", _TEXT],
        ["/usr/bin/env", "-i", "A=b", "bash", "-c", _TEXT],
        ["env", "zsh", "-xc", _TEXT],
        ["bash", "--rcfile", "mine", "-eo", "pipefail", "-c", "--", _TEXT],
        ["nice", "-n", "5", "ksh", "-c", _TEXT],
        ["C:\\Program Files\\Git\\bin\\bash.exe", "-c", _TEXT],
        ["powershell.exe", "-NoProfile", "-Command", "run", _TEXT],
        ["pwsh", "-c", _TEXT],
    ],
)
@pytest.mark.parametrize("written", ["$SVC_KEY", "${SVC_KEY}"])
def test_a_shells_own_text_is_its_own(words: list[str], written: str) -> None:
    assert shells.replaces([w.format(written) for w in words], len(words) - 1, written)


@pytest.mark.parametrize(
    ("words", "written", "own"),
    [
        (["fish", "-c", "{}"], "$SVC_KEY", True),
        (["fish", "--command={}"], "$SVC_KEY", True),
        (["fish", "-c", "{}"], "${SVC_KEY}", False),
        (["cmd", "/c", "run", "{}"], "%SVC_KEY%", True),
        (["C:\\Windows\\System32\\CMD.EXE", "/d", "/C", "{}"], "%SVC_KEY%", True),
        (["cmd", "/c", "{}"], "$SVC_KEY", False),
        (["pwsh", "-Command", "{}"], "${env:SVC_KEY}", True),
        (["pwsh", "-File", "run.ps1", "-c", "{}"], "$SVC_KEY", False),
        (["bash", "-c", "{}"], "${SVC_KEY:-none}", True),
        (["bash", "-c", "{}"], "${env:SVC_KEY}", False),
        (["bash", "-c", "{}"], "${{ secrets.SVC_KEY }}", False),
        (["bash", "-c", "{}"], "{env:SVC_KEY}", False),
        (["bash", "-c", "{}"], "%SVC_KEY%", False),
        (["bash", "-c", 'run "$1"', "_", "{}"], "$SVC_KEY", False),
        (["bash", "run.sh", "-c", "{}"], "$SVC_KEY", False),
        (["bash", "-l", "{}"], "$SVC_KEY", False),
        (["python3", "-c", "{}"], "$SVC_KEY", False),
        (["npx", "{}"], "$SVC_KEY", False),
        (["{}"], "$SVC_KEY", False),
    ],
)
def test_only_a_shell_only_its_text_only_its_form(words: list[str], written: str, own: bool) -> None:
    assert shells.replaces([w.format(written) if w == "{}" else w.replace("{}", written) for w in words],
                           len(words) - 1, written) is own  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
def test_the_doctor_does_not_condemn_it(run: Run, known: bool) -> None:
    env = {"SVC_KEY": secrets.token_urlsafe(20)} if known else {}
    _cursor({"command": "bash", "args": ["-lc", f"{sys.executable} std.py --key $SVC_KEY"], "env": env})
    done = run("doctor", "cursor:mine", "--json")
    assert done.causes == [], done.out
    assert "unexpanded-variable-literal" not in done.warnings


@pytest.mark.slow
def test_the_doctor_still_condemns_what_no_shell_replaces(run: Run) -> None:
    _cursor({"command": sys.executable, "args": ["std.py", "--key", "$SVC_KEY"]})
    assert run("doctor", "cursor:mine", "--json").causes == ["unexpanded-variable-literal"]


def _cursor(entry: dict[str, object]) -> None:
    place = Path(".cursor/mcp.json")
    place.parent.mkdir()
    place.write_text(json.dumps({"mcpServers": {"mine": entry}}))
    place.chmod(0o600)
