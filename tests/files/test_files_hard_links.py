"""A mode is not changed by a name that is one of several: the others are not ours to judge."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from commands.main import main


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o040])
def test_a_file_of_several_names_keeps_its_mode(
    mode: int, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    victim, name = home / "project" / "victim", home / "project" / "token"
    victim.write_text("x" * 20)
    victim.chmod(mode)
    os.link(victim, name)
    assert main(["files", str(name), "--fix", "--json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert said["done"] == []
    assert said["findings"][0]["cause"].startswith("token-file-")
    assert victim.stat().st_mode & 0o777 == mode
    name.unlink()
    main(["files", str(victim), "--fix", "--json"])
    assert json.loads(capfd.readouterr().out)["done"]
    assert victim.stat().st_mode & 0o077 == 0
