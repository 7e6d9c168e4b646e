"""What must never be committed, and how long a module may be."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_module_is_over_400_lines() -> None:
    long = {p.name: n for p in files() if p.suffix == ".py" and (n := len(p.read_text().splitlines())) > 400}
    assert not long


def test_nothing_committed_names_this_machine_a_registry_or_a_token() -> None:
    patterns = {
        "a registry's address": re.compile(
            r"https?://[^\s\"']*(?:py" + r"pi\.|npm" + r"js\.|/simple/|jfrog|artifactory)"
        ),
        "a path of a machine": re.compile(
            r"(?:/ro" + r"ot/\.|/wo" + r"rk/|/tmp/ve" + r"nv|\.\./sha" + r"red)"
        ),
        "a JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}"),
        "a private key": re.compile(r"BEGIN [A-Z ]*PRIVATE " + r"KEY-----\s+[A-Za-z0-9+/]{20}"),
        "a vendor's token": re.compile(
            r"\b(?:ghp_[A-Za-z0-9]{36}|xox[bp]-[0-9A-Za-z-]{20,}|AKIA[0-9A-Z]{16})\b"
        ),
    }
    met = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in files()
        if path.suffix not in (".png",)
        for what, pattern in patterns.items()
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not met


def test_no_screen_reveals_a_secret_but_the_field_that_masks_it() -> None:
    met = sorted(
        str(p.relative_to(ROOT / "screens"))
        for p in files()
        if p.suffix == ".py" and p.is_relative_to(ROOT / "screens") and ".reveal(" in p.read_text()
    )
    assert met == ["widgets/inputs.py"]
