"""Pictures of a connection with a fallback: shown, its test, the question before a switch, and what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from looks import BAD, FINDING, NOW, PICTURES, STEPS, Snap, shown
from screens_keys import settled
from textual.pilot import Pilot

from screens import jobs
from screens.connection import ConnectionScreen
from screens.fallback import FallbackScreen
from wizard import connections, export, methods, outcomes
from wizard.connections import Connection, Fallback
from wizard.livetest import LiveTestReport, Step
from wizard.outcomes import Outcome
from wizard.secret import Secret

pytestmark = PICTURES
_TEXTS = ("metrics:read", "graph:read")
SAVED = Connection(
    "faos-prod",
    "faos",
    "prod",
    "https://api.faosx.ai",
    "api_token",
    {"tenant_id": "tenant-prod"},
    {"token": "env:FAOS_API_TOKEN"},
    _TEXTS,
    created="2026-11-19T10:00:00Z",
    fallback=Fallback(
        "service_account",
        {"tenant_id": "tenant-prod", "service_account_id": "sa_practice"},
        {"service_account_secret": "env:FAOS_SERVICE_ACCOUNT_SECRET"},
        _TEXTS,
    ),
)
REPORTS = {
    "good": LiveTestReport("faos-prod --fallback", ok=True, steps=STEPS, tools=("list_agents",)),
    "bad": LiveTestReport("faos-prod --fallback", ok=False, steps=BAD, finding=FINDING),
}


@pytest.fixture(autouse=True)
def saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection, and its entry in Claude Code's project file."""
    for name in ("FAOS_API_TOKEN", "FAOS_SERVICE_ACCOUNT_SECRET"):
        monkeypatch.setenv(name, "z" * 40)
    connections.save(SAVED)
    plan = methods.entry_plan(connections.choice(SAVED))
    change = export.prepare(
        plan,
        SAVED.name,
        "claude-code",
        project=True,
        path=None,
        how="env",
        secrets={"token": Secret("z" * 40)},
        sources=SAVED.secrets,
    )
    export.write(change)
    assert Path(".mcp.json").exists()


def drawn(state: str) -> Outcome:
    return Outcome(state, "", "17 tools" if state == "works" else FINDING.title, NOW)


def test_connection_with_a_fallback(snap_compare: Snap, size: tuple[int, int]) -> None:
    app = shown(lambda: ConnectionScreen("faos-prod"))
    app.outcomes["faos-prod"] = Outcome("broken", "", "The token was refused.", NOW)
    app.outcomes["faos-prod --fallback"] = drawn("works")
    assert snap_compare(app, terminal_size=size, run_before=settled)


@pytest.mark.parametrize("came", ["good", "bad"])
def test_its_test(
    snap_compare: Snap, size: tuple[int, int], came: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tested(name: str, on_step: object, *, fallback: bool) -> LiveTestReport:
        assert (name, fallback) == ("faos-prod", True)
        return REPORTS[came]

    monkeypatch.setattr(jobs, "tested", tested)
    monkeypatch.setattr(outcomes, "remember", lambda *_: None)
    app = shown(lambda: FallbackScreen("faos-prod"))
    assert snap_compare(app, terminal_size=size, run_before=settled)


@pytest.mark.parametrize("keys", [(), ("enter",)], ids=["asked", "done"])
def test_a_switch(
    snap_compare: Snap, size: tuple[int, int], keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def proven(*_: object) -> LiveTestReport:
        return LiveTestReport("faos-prod", ok=True, steps=(Step("tools", "tools", True),))

    monkeypatch.setattr(jobs, "proven", proven)

    async def press(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press(*keys)
        await settled(pilot)

    app = shown(lambda: FallbackScreen("faos-prod", "switch"))
    app.outcomes["faos-prod --fallback"] = drawn("works" if keys else "broken")
    assert snap_compare(app, terminal_size=size, run_before=press)
