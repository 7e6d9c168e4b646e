"""The curl script, run by a real sh and curl against a server that logs what it got."""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest

from wizard import export
from wizard.entries import RemotePlan, Slot, StdioPlan
from wizard.errors import FileProblem, UsageError
from wizard.secret import Secret

SLOT = Slot("token", "A_TOKEN")


def _plan(url: str) -> RemotePlan:
    return RemotePlan(
        "fleet", url, {"Authorization": ("Bearer ", SLOT), "X-Note": ('100% "quoted" \\n it\'s',)}
    )


@pytest.mark.real("curl")
@pytest.mark.parametrize("how", ["env", "inline"])
def test_the_server_gets_the_header_exactly(how: str, logging_server: Any, tmp_path: Path) -> None:
    secret = Secret(secrets.token_urlsafe() + "\"\\'$HOME `x` %s")
    path = tmp_path / "ask.sh"
    change = export.prepare(
        _plan(logging_server.url), "c", "curl", project=False, path=path, how=how, secrets={"token": secret}
    )
    assert secret.reveal() not in change.diff + repr(change)
    written = export.write(change)
    assert path.stat().st_mode & 0o777 == 0o700
    environ = {"PATH": os.environ["PATH"]} | ({"A_TOKEN": secret.reveal()} if how == "env" else {})
    done = subprocess.run([str(path)], env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("HTTP/1.1 200")
    sent = logging_server.seen[0]
    assert sent["authorization"] == f"Bearer {secret.reveal()}"
    assert sent["x-note"] == '100% "quoted" \\n it\'s'
    assert sent["accept"] == "application/json, text/event-stream"
    assert export.read_back(written).headers["Authorization"] == secret.map("Bearer ")


def test_without_a_path_the_script_is_the_answer() -> None:
    secret = Secret(secrets.token_urlsafe())
    change = export.prepare(
        _plan("https://a.test/mcp"),
        "c",
        "curl",
        project=False,
        path=None,
        how=None,
        secrets={"token": secret},
    )
    answer = export.ExportReport(change).as_json()
    assert answer["path"] is None
    assert answer["changed"] is False
    assert "secret c token" in str(answer["text"])
    assert secret.reveal() not in str(answer)
    assert list(Path().iterdir()) == []


def test_inline_without_a_path_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a file"):
        export.prepare(
            _plan("https://a.test"),
            "c",
            "curl",
            project=False,
            path=None,
            how="inline",
            secrets={"token": Secret("x")},
        )


def test_an_api_is_asked_by_get() -> None:
    text = export.prepare(
        _plan("https://a.test"), "c", "curl", project=False, path=None, how=None, secrets={}, speaks="api"
    ).text
    assert text is not None
    assert "--data" not in text


def test_a_stdio_server_is_not_for_curl() -> None:
    with pytest.raises(UsageError, match="stdio"):
        export.prepare(StdioPlan("s", ("x",)), "c", "curl", project=False, path=None, how=None, secrets={})


def test_a_line_break_in_a_header_is_refused() -> None:
    with pytest.raises(UsageError, match="line break"):
        export.prepare(
            _plan("https://a.test"),
            "c",
            "curl",
            project=False,
            path=None,
            how=None,
            secrets={"token": Secret("a\nb")},
        )


def test_a_script_of_somebody_else_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "deploy.sh"
    path.write_text("#!/bin/sh\necho mine\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="something else"):
        export.prepare(
            _plan("https://a.test/mcp"),
            "c",
            "curl",
            project=False,
            path=path,
            how="env",
            secrets={"token": Secret(secrets.token_urlsafe())},
        )
    assert path.read_text(encoding="utf-8") == "#!/bin/sh\necho mine\n"
