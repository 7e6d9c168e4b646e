"""`--method none` is a claim: the server is to let in who brings nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands.main import main
from sandbox import practice


@pytest.mark.parametrize("service", ["mcp", "fleet"])
def test_a_server_that_refuses_who_brings_nothing_fails_it(
    service: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with practice.start() as running:
        code = main(["test", running.services[service].url, "--method", "none", "--json"])
    answer = json.loads(capsys.readouterr().out)
    steps = {step["id"]: step for step in answer["steps"]}
    assert (code, answer["ok"]) == (1, False)
    assert steps["no-credential"]["ok"] is False


def test_a_server_that_asks_for_nothing_passes_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with practice.start(faults={"mcp": "auth-disabled"}) as running:
        code = main(["test", running.services["mcp"].url, "--method", "none", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["ok"]) == (0, True)
