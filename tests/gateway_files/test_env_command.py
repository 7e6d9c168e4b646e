"""What one gets for an API: a `.env` by command, proven to work, that a shell loads and curl sends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.running import Ran

from sandbox.practice import Practice


@pytest.mark.real("curl")
@pytest.mark.parametrize("how", [None, "file"])
def test_an_apis_variables_by_command_are_what_curl_sends(
    how: str | None, run: Callable[..., Ran], services: Practice, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = services.services["github"].credentials["token"].reveal()
    monkeypatch.setenv("T_GITHUB", token)
    words = [
        "setup",
        "github",
        "--environment",
        "practice",
        "--secret",
        "token=env:T_GITHUB",
        "--store",
        "file",
    ]
    words += ["--client", "env", "--project", *(["--secrets", how] if how else []), "--yes", "--json"]
    ran = run(*words)
    assert ran.code == 0, ran.out
    (wrote,) = ran.json["exports"]
    assert wrote["proof"]["answered"] is True
    assert token not in ran.out + ran.err
    file = Path(".env")
    assert (token in file.read_text()) is (how == "file")
    if how == "file":
        assert file.stat().st_mode & 0o777 == 0o600
    ask = 'set -a; . ./.env; curl -s -o /dev/null -w "%{http_code}" -H "Authorization: Bearer $GITHUB_PRACTICE_TOKEN"'
    environ = {"PATH": os.environ["PATH"]} | ({} if how else {"GITHUB_PRACTICE_TOKEN": token})
    done = subprocess.run(
        ["sh", "-c", f'{ask} "$GITHUB_PRACTICE_URL/user"'],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("200", "")
    gone = run("connections", "remove", "github-practice", "--yes", "--json")
    assert gone.code == 0
    assert file.read_text() == ""
