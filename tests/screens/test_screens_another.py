"""From a diagnosis to the question again, for another target; another server of the same gateway."""

from __future__ import annotations

from pathlib import Path

import pytest
from screens_keys import on, reads, text_of

from sandbox.practice import Practice
from screens import jobs
from screens.app import Authwizard
from screens.clients_text import refused as told
from screens.diagnose.screen import DiagnoseScreen
from screens.setup.credentials import CredentialsStep
from screens.setup.method import MethodStep
from screens.setup.permissions import PermissionsStep
from screens.setup.work import Work
from screens.widgets.inputs import Line
from wizard import catalogue, setup
from wizard.errors import UsageError


async def test_n_asks_for_another_target(home: Path) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(DiagnoseScreen("http://127.0.0.1:1/mcp"))
        for _ in range(100):
            await pilot.pause(0.05)
            screen = app.screen
            if (
                isinstance(screen, DiagnoseScreen)
                and screen._diagnosis is not None
                and screen._worker is None
            ):
                break
        await pilot.press("n")
        await pilot.pause()
        field = app.screen.query_one("#target", Line)
        assert field.has_focus
        field.value = ""
        await pilot.press("h", "t", "t", "p")
        assert field.value == "http"


async def test_a_server_that_wants_a_credential_of_its_own_is_asked_for_it(services: Practice) -> None:
    app = Authwizard("gateway", services)
    async with app.run_test(size=(80, 24)) as pilot:
        await on(pilot, MethodStep)
        await pilot.press("enter")
        step = await on(pilot, CredentialsStep)
        await pilot.press("ctrl+t")
        step.query_one("#field-egress_token", Line).value = ""
        step.query_one("#field-server", Line).value = ""
        await pilot.press("ctrl+l")
        await reads(pilot, "which?")
        await pilot.press("enter")
        await reads(pilot, "▲ Atlassian wants a credential of its own.")
        assert app.screen.query_one("#field-server", Line).value == "atlassian"
        assert app.screen.query_one("#field-egress_token", Line).has_focus


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 80])
async def test_a_long_title_is_cut_and_the_practice_still_named(services: Practice, columns: int) -> None:
    app = Authwizard("gateway", services)
    async with app.run_test(size=(columns, 24)) as pilot:
        await on(pilot, MethodStep)
        await pilot.press("enter")
        await on(pilot, CredentialsStep)
        first = text_of(app).splitlines()[0]
        cut, _, note = first.partition("…")
        assert (cut.startswith(" Set up MCP Gateway"), note.strip()) == (True, "practice on this machine"), (
            first
        )


async def test_who_decides_about_a_gateways_scopes_is_said(services: Practice) -> None:
    service = catalogue.load().get("gateway")
    draft = setup.with_service(setup.new(), service, service.environment("own"), "https://gw.example.com")
    work = Work(jobs.tester, jobs.prover)
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(PermissionsStep(work, setup.with_method(draft, service.methods[0])))
        await reads(pilot, "Groups at the identity provider decide")


def test_a_refusal_is_said_in_the_words_of_the_screen() -> None:
    refused = UsageError(
        "way-not-possible", "It cannot.", "", ["Leave --secrets out.", "Nothing was written."]
    )
    assert told(refused) == "It cannot. Nothing was written. h goes on to the next way."


@pytest.mark.parametrize("target", ["foo", "htp://x", "claude-code:absent"])
async def test_what_cannot_be_diagnosed_leads_back_to_the_question(home: Path, target: str) -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(DiagnoseScreen(target))
        await reads(pilot, "n another")
        assert "✗" in text_of(app)
        await pilot.press("n")
        await reads(pilot, "What fails?")
        field = app.screen.query_one("#target", Line)
        assert (field.value, field.has_focus) == (target, True)
