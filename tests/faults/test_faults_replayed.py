"""Each fault, saved as a case and judged again with no network, comes to the same; no secret stands in the file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from faults.corpus import arranged, outcome
from faults.fault import FAULTS, SYSTEMS
from faults.world import VARIANTS

pytestmark = pytest.mark.slow

_TELLING = 12

ARRANGED = {**{c: f.arrange for c, f in FAULTS.items()}, **{n: s.arrange for n, s in SYSTEMS.items()}}


@pytest.mark.parametrize("name", sorted(ARRANGED))
def test_the_same_findings_without_a_network(
    name: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "case.json"
    with arranged(ARRANGED[name], VARIANTS[0], home, monkeypatch) as words:
        if words[0] != "doctor" or "--har" in words or words[1].endswith(":"):
            return
        found = outcome((*words, "--save", str(case)))
        assert [n for n, value in _secrets(home).items() if value in case.read_text()] == []
    monkeypatch.setattr("socket.socket.connect", _nobody)
    again = outcome(("doctor", "--replay", str(case)))
    assert _told(again.document) == _told(found.document)
    assert case.stat().st_mode & 0o777 == 0o600


def _secrets(home: Path) -> dict[str, str]:
    """What was arranged as a secret, by where it is: variables and files of the world."""
    found = {n: v for n, v in os.environ.items() if re.fullmatch(r"T_[0-9A-F]{8}", n)}
    found |= {p.name: p.read_text(errors="replace") for p in (home / "secrets").glob("*") if p.is_file()}
    return {n: v.strip() for n, v in found.items() if len(v.strip()) >= _TELLING and "application/" not in v}


def _told(document: Any) -> Any:
    return {name: document[name] for name in ("target", "verdict", "findings", "warnings", "not_examined")}


def _nobody(*_: object) -> None:
    raise AssertionError("a case is judged without a network")
