"""A client that logs in by itself, at the wizard's last step: what to do there, and what the proof does not show."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from looks import WORK
from screens_keys import on, reads, text_of

from screens.app import Authwizard
from screens.setup.activate import ActivateStep
from screens.setup.flow import make
from screens.widgets.rows import Rows
from wizard import catalogue, export, proof, setup
from wizard.change import Written
from wizard.entries import Remote
from wizard.livetest import LiveTestReport
from wizard.secret import Secret
from wizard.setup import SetupReport
from wizard.setup.draft import ClientChoice

URL = "https://mcp.example.com/mcp"


@pytest.mark.row("A1")
@pytest.mark.parametrize("how", ["oauth", "helper"])
async def test_the_next_act_is_that_of_the_way_that_was_written(home: Path, how: str) -> None:
    service = catalogue.load().get("mcp")
    draft = setup.with_service(setup.new(), service, service.environments[0], URL)
    draft = setup.with_method(draft, next(m for m in service.methods if m.id == "authorization_code"))
    choice = ClientChoice("claude-code", True, None, how)
    tested = LiveTestReport(URL, True, ())
    draft = setup.with_clients(setup.with_test(setup.with_name(draft, "own"), tested), (choice,))
    made = export.prepare(
        setup.plan(draft),
        "own",
        "claude-code",
        project=True,
        path=None,
        how=how,
        secrets={"access_token": Secret(secrets.token_urlsafe(16))},
    )
    exported = proof.report(Written(made, None), Remote(URL, {}), tested)
    report = SetupReport("own", "mcp", "authorization_code", (), tested, (exported,))

    class Program(Authwizard):
        async def on_ready(self) -> None:
            await self.push_screen(make("activate", WORK, draft))

    app = Program()
    async with app.run_test(size=(80, 40)) as pilot:
        screen = await on(pilot, ActivateStep)
        screen.query_one("#question").display = False
        screen.query_one("#result", Rows).show(screen._result(report))
        screen.query_one("#result").add_class("-shown")
        await reads(pilot, "own is set up")
        seen = " ".join(text_of(app).split())
    assert ("then Authenticate" in seen) is (how == "oauth")
    assert ("own is connected" in seen) is (how == "helper")
    assert ("shows that the server works" in seen) is (how == "oauth")
