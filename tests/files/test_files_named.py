"""What a person names: a file of the system stays as it is, a folder without a credential says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Run


@pytest.mark.row("L4")
@pytest.mark.parametrize("path", ["/etc/hosts", "/usr/bin/env"])
def test_a_file_of_the_system_keeps_its_mode(run: Run, path: str) -> None:
    before = Path(path).stat().st_mode
    ran = run("files", "--fix", path)
    assert (ran.code, "file of the system" in ran.err) == (1, True)
    assert Path(path).stat().st_mode == before


def test_a_folder_without_one_says_so_of_that_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    ran = run("files", str(tmp_path))
    assert ran.code == 0
    assert f"No file in {tmp_path} is known" in ran.out


def test_a_file_of_ones_own_is_mended(run: Run, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("x" * 40, encoding="utf-8")
    token.chmod(0o644)
    run("files", "--fix", str(token))
    assert token.stat().st_mode & 0o777 == 0o600
