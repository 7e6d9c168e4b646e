"""How the six steps of a setup look at 80x24 and at 120x40: fixed data, no times, no path of this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from looks import (
    BAD_REPORT,
    FINDING,
    PICTURES,
    STEPS,
    WORK,
    Snap,
    faos,
    fleet,
    shown,
    step,
    traces,
)
from screens_keys import settled
from textual.pilot import Pilot

from screens.setup.flow import make
from screens.setup.pick import Pick, PickScreen
from wizard import catalogue, export, setup
from wizard.livetest import LiveTestReport
from wizard.setup import ClientChoice, Draft

pytestmark = [*PICTURES, pytest.mark.slow]


def test_pick(snap_compare: Snap, size: tuple[int, int]) -> None:
    picks = (
        Pick("mcpgw", "MCP Gateway Tools", "mcpgw, 6 tools"),
        Pick("currenttime", "Current Time", "currenttime, asks for no credential of its own, 1 tool"),
        Pick("atlassian", "Atlassian", "atlassian, 31 tools"),
        Pick("fininfo", "Financial Info", "", "it is switched off at the gateway"),
    )
    app = shown(lambda: PickScreen("Server behind the gateway: which?", picks, "currenttime"))
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_gateway_credentials(snap_compare: Snap, size: tuple[int, int]) -> None:
    service = catalogue.load().get("gateway")
    draft = setup.with_service(setup.new(), service, service.environment("own"), "https://gw.example.com")
    draft = setup.with_method(draft, service.methods[0])
    screen = make("credentials", WORK, draft)
    screen.welcome = "Secrets are not kept for it: give yours again, then go on with step 4, permissions."
    assert snap_compare(shown(lambda: screen), terminal_size=size, run_before=settled)


def test_service_with_two_kinds_of_deployment(snap_compare: Snap, size: tuple[int, int]) -> None:
    service = catalogue.load().get("github")
    draft = setup.with_service(setup.new(), service, service.environments[0])
    assert snap_compare(step("service", draft), terminal_size=size, run_before=settled)


def test_service(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("service", setup.new()), terminal_size=size, run_before=settled)


def test_service_with_address(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("service", fleet()), terminal_size=size, run_before=settled)


def test_filter_finds_nothing(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def search(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press("slash", *"xyz", "enter", "enter")
        await settled(pilot)

    assert snap_compare(step("service", setup.new()), terminal_size=size, run_before=search)


def test_method(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("method", faos()), terminal_size=size, run_before=settled)


def test_credentials(snap_compare: Snap, size: tuple[int, int]) -> None:
    async def paste(pilot: Pilot[int]) -> None:
        await settled(pilot)
        pilot.app.screen.query_one("#field-token").value = "Bearer " + "z" * 40  # type: ignore[attr-defined]
        await settled(pilot)

    assert snap_compare(step("credentials", faos()), terminal_size=size, run_before=paste)


def test_credentials_kept(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("credentials", fleet()), terminal_size=size, run_before=settled)


def test_permissions(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_tools(faos(), ("faos_query_metric", "faos_query_graph"))
    draft = setup.with_scopes(draft, (*draft.scopes, "workflows:run"))
    assert snap_compare(step("permissions", draft), terminal_size=size, run_before=settled)


def test_permissions_none(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(step("permissions", fleet()), terminal_size=size, run_before=settled)


def test_test_passed(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_test(
        fleet(), LiveTestReport("fleet", True, STEPS, ("list_agents", "send_task", "read_log"))
    )
    assert snap_compare(step("test", draft), terminal_size=size, run_before=settled)


def test_test_failed(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_test(faos(), LiveTestReport("faos", False, BAD_REPORT, finding=FINDING))
    assert snap_compare(step("test", draft), terminal_size=size, run_before=settled)


def test_activate(snap_compare: Snap, size: tuple[int, int]) -> None:
    draft = setup.with_test(fleet(), LiveTestReport("fleet", True, STEPS))
    draft = setup.with_clients(draft, (ClientChoice("claude-code", how="env"), ClientChoice("vscode")))
    assert snap_compare(step("activate", draft), terminal_size=size, run_before=settled)


def test_activated(snap_compare: Snap, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    tested = LiveTestReport("fleet", True, STEPS)
    choices = (ClientChoice("claude-code", how="env"), ClientChoice("vscode", how="prompt"))
    draft = setup.with_clients(setup.with_test(fleet(), tested), choices)

    async def activate(d: Draft, _: object) -> setup.SetupReport:
        reports = tuple(
            export.ExportReport(change, read_back=True, answered=answered)
            for change, answered in zip(setup.previews(d), (True, None), strict=True)
        )
        kept = (setup.Kept("token", "keyring:fleet/token"),)
        return setup.SetupReport("fleet", "fleet", "bearer", kept, tested, reports)

    monkeypatch.setattr(setup, "activate", activate)

    async def write(pilot: Pilot[int]) -> None:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)

    work = replace(WORK, prover=lambda: None)  # type: ignore[arg-type, return-value]  # never called
    assert snap_compare(shown(lambda: make("activate", work, draft)), terminal_size=size, run_before=write)


def test_no_machine_path_in_a_picture(size: tuple[int, int]) -> None:
    assert not traces(__file__)
