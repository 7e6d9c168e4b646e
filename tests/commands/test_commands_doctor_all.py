"""``doctor --all`` goes on where one connection's secret cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Run

from sandbox.practice import Practice


@pytest.mark.slow
def test_one_unreadable_secret_does_not_hide_the_others(run: Run, services: Practice, tmp_path: Path) -> None:
    kept = services.services["fleet"].token_file
    assert kept is not None
    lost = tmp_path / "lost-token"
    lost.write_bytes(kept.read_bytes())
    lost.chmod(0o600)
    for name, place in (("a-lost", lost), ("b-kept", kept)):
        done = run(
            "setup", "fleet", "--environment", "practice", "--name", name, "--secret", f"token=file:{place}",
            "--yes", "--json",
        )  # fmt: skip
        assert done.code == 0, done.out + done.err
    lost.unlink()
    done = run("doctor", "--all", "--json")
    assert done.code == 1, done.out + done.err
    found = {t["target"]: t for t in done.json["targets"]}
    assert {name: t["verdict"] for name, t in found.items()} == {
        "a-lost": "broken",
        "b-kept": "healthy",
    }
    assert [f["cause"] for f in found["a-lost"]["findings"]] == ["token-file-missing"]
    plain = run("doctor", "--all")
    assert "a-lost: broken" in plain.out
    assert "b-kept: healthy" in plain.out
