"""Each fault, saved as a case and judged again with no network, comes to the same; no secret stands in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faults.corpus import arranged, outcome
from faults.fault import FAULTS, SYSTEMS
from faults.world import VARIANTS

pytestmark = pytest.mark.slow

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
    monkeypatch.setattr("socket.socket.connect", _nobody)
    again = outcome(("doctor", "--replay", str(case)))
    assert _told(again.document) == _told(found.document)
    assert case.stat().st_mode & 0o777 == 0o600


def _told(document: Any) -> Any:
    return {name: document[name] for name in ("target", "verdict", "findings", "warnings", "not_examined")}


def _nobody(*_: object) -> None:
    raise AssertionError("a case is judged without a network")
