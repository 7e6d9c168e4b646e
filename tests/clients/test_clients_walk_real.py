"""From an empty home to a config that the real Claude Code accepts and the practice services answer."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.practice import Practice, start

pytestmark = pytest.mark.real("claude")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def practice() -> Iterator[Practice]:
    with start() as running:
        yield running


def authwizard(*words: str, more: Mapping[str, str] | None = None) -> tuple[int, dict[str, Any], str]:
    """Run the command in its own process: exit code, its one JSON document, and all it printed."""
    import os

    done = subprocess.run(
        [sys.executable, "-m", "wizard", *words, "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(more or {})},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=90,
        check=False,
    )
    return done.returncode, json.loads(done.stdout), done.stdout + done.stderr


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The written helper starts this checkout's program."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def holds(folder: Path, text: str) -> list[str]:
    """The files below a folder that hold this text."""
    return [
        str(p.relative_to(folder))
        for p in folder.rglob("*")
        if p.is_file() and not p.is_symlink() and text.encode() in p.read_bytes()
    ]


@pytest.mark.row("F1", "F3", "F6", "L1", "L2")
def test_faos_tenants_a_service_account_and_fleet_side_by_side(
    practice: Practice, home: Path, claude: Any
) -> None:
    faos, fleet = practice.services["faos"], practice.services["fleet"]
    assert fleet.token_file is not None
    variables = {
        "PROD": faos.credentials["token"].reveal(),
        "STAGING": faos.credentials["token_staging"].reveal(),
        "SA_SECRET": faos.credentials["service_account_secret"].reveal(),
    }
    common = ("--environment", "practice", "--client", "claude-code", "--project", "--yes")
    walks = {
        "faos-prod": ("setup", "faos", "--secret", "token=env:PROD", "--set", "tenant_id=tenant-prod"),
        "faos-staging": (
            "setup",
            "faos",
            "--secret",
            "token=env:STAGING",
            "--set",
            "tenant_id=tenant-staging",
        ),
        "faos-ci": (
            "setup",
            "faos",
            "--method",
            "service_account",
            "--set",
            f"service_account_id={faos.credentials['service_account_id'].reveal()}",
            "--secret",
            "service_account_secret=env:SA_SECRET",
            "--preset",
            "ci-cd",
        ),
        "fleet": ("setup", "fleet", "--method", "token_file", "--secret", f"token=file:{fleet.token_file}"),
    }
    answers = {}
    for name, words in walks.items():
        code, answer, printed = authwizard(*words, "--name", name, *common, more=variables)
        assert code == 0, printed
        assert answer["test"]["ok"] is True
        assert answer["exports"][0]["changed"] is True
        assert answer["exports"][0]["proof"]["read_back"] is True
        assert answer["exports"][0]["proof"]["answered"] is True
        assert not [v for v in (*variables.values(), fleet.credentials["token"].reveal()) if v in printed]
        answers[name] = answer

    before = Path(".mcp.json").read_bytes()
    assert set(json.loads(before)["mcpServers"]) == set(walks)
    for name, words in walks.items():
        code, again, printed = authwizard(*words, "--name", name, *common, more=variables)
        assert code == 0, printed
        assert again["exports"][0]["changed"] is False
        assert again["secrets"] == answers[name]["secrets"]
    assert Path(".mcp.json").read_bytes() == before

    before_claude = Counter(practice.seen)
    listed = claude(variables)
    for name in walks:
        assert listed.connected(name), listed.text
    seen = Counter(practice.seen) - before_claude
    assert {("faos", "tenant-prod"), ("faos", "tenant-staging")} <= {(s.service, s.tenant) for s in seen}
    assert any(s.service == "fleet" and s.credential == "token" for s in seen)
    for value in variables.values():
        assert not holds(home, value), "a secret given by a variable is kept nowhere"


def test_a_fastmcp_server_whose_url_is_typed(fastmcp_static: Any, claude: Any) -> None:
    code, answer, printed = authwizard(
        "setup", "mcp", "--name", "typed", "--url", fastmcp_static.url, "--method", "bearer", "--secret",
        "token=env:TYPED", "--client", "claude-code", "--project", "--yes",
        more={"TYPED": fastmcp_static.token},
    )  # fmt: skip
    assert code == 0, printed
    assert answer["test"]["ok"] is True
    assert claude({"TYPED": fastmcp_static.token}).connected("typed")


def test_a_wrong_token_writes_nothing_and_names_the_cause(practice: Practice, home: Path) -> None:
    wrong = secrets.token_urlsafe(32)
    code, answer, printed = authwizard(
        "setup", "fleet", "--environment", "practice", "--method", "bearer", "--secret", "token=env:WRONG",
        "--client", "claude-code", "--project", "--yes",
        more={"WRONG": wrong},
    )  # fmt: skip
    assert code == 1, printed
    assert answer["exports"] == []
    assert answer["test"]["finding"]["cause"] == "token-not-recognised"
    assert not Path(".mcp.json").exists()
    assert wrong not in printed
    assert not holds(home, wrong)
