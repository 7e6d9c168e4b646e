"""The walk by keys alone, from an empty home to a written config, against the practice services."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from screens_keys import on, reads, settled, text_of
from servers.real import RealServer
from textual.pilot import Pilot

from sandbox.practice import Practice
from screens.app import Authwizard
from screens.setup.activate import ActivateStep
from screens.setup.base import StepScreen
from screens.setup.credentials import CredentialsStep
from screens.setup.method import MethodStep
from screens.setup.permissions import PermissionsStep
from screens.setup.service import ServiceStep
from screens.setup.test import TestStep
from screens.widgets.inputs import Line
from screens.widgets.lists import Ticks
from wizard import connections


async def until(pilot: Pilot[int], kind: type[StepScreen], what: str = "") -> StepScreen:
    """Wait until a step is on the screen, able to take a key, and has come as far as this."""
    screen = await on(pilot, kind)
    for _ in range(400):
        if not what or _ready(screen, what):
            await pilot.pause()
            return screen
        await pilot.pause(0.05)
    raise AssertionError(f"{kind.__name__} {what} did not come: {text_of(pilot.app)}")


def _ready(screen: StepScreen, what: str) -> bool:
    if what == "tested":
        return screen.draft.test is not None
    return isinstance(screen, ActivateStep) and screen._report is not None


@pytest.mark.slow
@pytest.mark.row("F1", "A7")
async def test_faos_token_by_keys(services: Practice, home: Path) -> None:
    app = Authwizard(practice=services)
    secret = services.services["faos"].credentials["token"].reveal()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("s")
        await until(pilot, ServiceStep)
        await pilot.press("enter", "enter")
        await until(pilot, MethodStep)
        await pilot.press("enter")
        await until(pilot, CredentialsStep)
        await pilot.press("ctrl+t", "enter")
        await until(pilot, PermissionsStep)
        await pilot.press("space", "enter")
        step = await until(pilot, TestStep, "tested")
        assert step.draft.scopes == ("agents:invoke",)
        assert step.draft.test is not None
        assert step.draft.test.ok, step.draft.test
        await pilot.press("enter")
        await until(pilot, ActivateStep)
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, ActivateStep, "written")
        assert "written, read back, answered" in text_of(app)
        assert secret not in text_of(app)
        await pilot.press("enter")
        await reads(pilot, "● works")
        assert "faos-practice" in text_of(app)
    written = Path(".mcp.json").read_text("utf-8")
    assert list(json.loads(written)["mcpServers"]) == ["faos-practice"]
    assert secret not in written
    assert [c.name for c in connections.load_all()] == ["faos-practice"]


@pytest.mark.slow
@pytest.mark.row("F1")
async def test_faos_service_account_by_keys(services: Practice) -> None:
    app = Authwizard("faos", services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, MethodStep)
        await pilot.press("down", "down", "enter")
        await until(pilot, CredentialsStep)
        await pilot.press("ctrl+t", "enter")
        await until(pilot, PermissionsStep)
        await pilot.press("p", "p", "p", "enter")
        step = await until(pilot, TestStep, "tested")
        assert step.draft.method is not None
        assert step.draft.method.id == "service_account"
        assert step.draft.preset == "ci-cd"


@pytest.mark.row("L1", "L2", "A7")
async def test_fleet_token_file_by_keys(services: Practice) -> None:
    app = Authwizard(practice=services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("s")
        await until(pilot, ServiceStep)
        await pilot.press("down", "enter", "enter")
        await until(pilot, MethodStep)
        await pilot.press("enter")
        await until(pilot, CredentialsStep)
        await pilot.press("enter")
        await until(pilot, PermissionsStep)
        await pilot.press("enter")
        step = await until(pilot, TestStep, "tested")
        assert step.draft.test is not None
        assert step.draft.test.ok, step.draft.test
        await pilot.press("enter")
        await until(pilot, ActivateStep)
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, ActivateStep, "written")
        assert "written, read back, answered" in text_of(app)
    (entry,) = json.loads(Path(".mcp.json").read_text("utf-8"))["mcpServers"].values()
    assert entry["url"].startswith(services.services["fleet"].url)


@pytest.mark.slow
@pytest.mark.row("F6")
async def test_a_second_tenant_beside_the_first(services: Practice) -> None:
    app = Authwizard(practice=services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("s")
        for name in ("one", "two"):
            await until(pilot, ServiceStep)
            await pilot.press("enter", "enter")
            await until(pilot, MethodStep)
            await pilot.press("enter")
            await until(pilot, CredentialsStep)
            await pilot.press("ctrl+t", "enter")
            await until(pilot, PermissionsStep)
            await pilot.press("enter")
            await until(pilot, TestStep, "tested")
            await pilot.press("enter")
            screen = await until(pilot, ActivateStep)
            await pilot.press("shift+tab")
            screen.query_one("#field-name", Line).value = f"faos-{name}"
            await pilot.press("enter")
            await until(pilot, ActivateStep, "written")
            await pilot.press("a")
    assert list(json.loads(Path(".mcp.json").read_text("utf-8"))["mcpServers"]) == ["faos-one", "faos-two"]


@pytest.mark.slow
async def test_going_back_loses_nothing(services: Practice) -> None:
    app = Authwizard("faos", services)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, MethodStep)
        await pilot.press("enter")
        screen = await until(pilot, CredentialsStep)
        await pilot.press("ctrl+t", "tab", *"tenant-x", "enter")
        screen = await until(pilot, PermissionsStep)
        await pilot.press("down", "space", "escape")
        screen = await until(pilot, CredentialsStep)
        await reads(pilot, "characters, ends in")
        await reads(pilot, "tenant-x")
        await pilot.press("escape")
        await until(pilot, MethodStep)
        await pilot.press("escape")
        await until(pilot, ServiceStep)
        await pilot.press("enter", "enter")
        await until(pilot, MethodStep)
        await pilot.press("enter")
        await until(pilot, CredentialsStep)
        await pilot.press("enter")
        screen = await until(pilot, PermissionsStep)
        assert screen.query_one("#tools", Ticks).ticked == ("faos_run_workflow",)
        assert screen.draft.settings["tenant_id"] == "tenant-x"


@pytest.mark.slow
@pytest.mark.row("A7")
async def test_a_fastmcp_server_whose_address_is_typed(fastmcp_static: RealServer, home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("s")
        await until(pilot, ServiceStep)
        await pilot.press("slash", *"any", "space", *"mcp", "enter", "enter")
        await pilot.press(*fastmcp_static.url.replace("http://", ""))
        await pilot.press("enter")
        assert isinstance(app.screen, ServiceStep)
        app.screen.query_one("#field-url", Line).value = fastmcp_static.url
        await pilot.press("enter")
        await until(pilot, MethodStep)
        await pilot.press("enter")
        screen = await until(pilot, CredentialsStep)
        screen.query_one("#field-token", Line).value = f"Bearer {fastmcp_static.token}"
        await pilot.press("enter")
        assert isinstance(app.screen, CredentialsStep)
        await pilot.press("enter")
        await until(pilot, PermissionsStep)
        await pilot.press("enter")
        step = await until(pilot, TestStep, "tested")
        assert step.draft.test is not None
        assert step.draft.test.ok, step.draft.test
        await pilot.press("enter")
        await until(pilot, ActivateStep)
        await settled(pilot)
        await pilot.press("enter")
        await until(pilot, ActivateStep, "written")
        assert "written, read back, answered" in text_of(app)
        await pilot.press("enter")
        await reads(pilot, "● works")
        await pilot.press("d")
        await reads(pilot, "● healthy")
        await pilot.press("e")
        await reads(pilot, "exchanges")
        assert fastmcp_static.url in text_of(app)
        assert fastmcp_static.token not in text_of(app)
    written = Path(".mcp.json").read_text("utf-8")
    (entry,) = json.loads(written)["mcpServers"].values()
    assert entry["url"] == fastmcp_static.url
    assert fastmcp_static.token not in written
