"""The method step says which way the server itself asks for."""

from __future__ import annotations

import dataclasses

import pytest
from oddities.odd_server import Odd, served
from screens_keys import on, reads, settled, text_of
from screens_logins import draft

from sandbox.practice import Practice
from screens import jobs
from screens.app import Authwizard
from screens.setup.flow import make
from screens.setup.method import MethodStep
from screens.setup.work import Work
from screens.widgets.lists import Choice
from wizard.setup import Draft


def program(made: Draft) -> Authwizard:
    class Program(Authwizard):
        async def on_ready(self) -> None:
            await self.push_screen(make("method", Work(jobs.tester, jobs.prover), made))

    return Program()


@pytest.mark.row("A1")
async def test_a_server_that_asks_for_a_login_has_it_chosen() -> None:
    with served(Odd()) as server:
        app = program(dataclasses.replace(draft(server), method=None))
        async with app.run_test(size=(80, 24)) as pilot:
            screen = await on(pilot, MethodStep)
            await reads(pilot, "This server asks for a login.")
            assert screen.query_one("#field-method", Choice).chosen == "authorization_code"


async def test_one_that_asks_for_a_token_alone_leaves_the_list_as_it_is(services: Practice) -> None:
    with served(Odd()) as server:
        made = dataclasses.replace(draft(server), method=None, url=f"{services.services['fleet'].url}/mcp")
        app = program(made)
        async with app.run_test(size=(80, 24)) as pilot:
            await on(pilot, MethodStep)
            await settled(pilot)
            assert "asks for a login" not in text_of(app)
