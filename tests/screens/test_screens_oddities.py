"""The same odd servers on the screen: the test step says what is wrong in the finding's own words, and what to do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from oddities.odd_ones import CLIENTS, DISCOVERY, ODD, RESPONSES, SCHEMES, TOKENS
from oddities.odd_server import Odd, OddServer, served
from screens_keys import on, reads
from textual.pilot import Pilot

from screens import jobs
from screens.app import Authwizard
from screens.login.panel import LoginPanel
from screens.setup.flow import make
from screens.setup.test import TestStep
from screens.setup.work import Work
from wizard import catalogue, setup

BROWSER = Path(__file__).parents[1] / "conformance/browser.py"
NO_LOGIN = {
    name: {**DISCOVERY, **SCHEMES, **CLIENTS}[name]
    for name in (
        *(
            "prm-500",
            "prm-mismatch",
            "as-html",
            "issuer-mismatch",
            "endpoint-javascript",
            "scheme-not-bearer",
        ),
        *("pkce-absent", "no-registration", "registration-policy"),
    )
}
A_LOGIN = {
    name: {**RESPONSES, **TOKENS}[name]
    for name in ("access-denied", "iss-wrong", "code-used-before", "resource-ignored")
}


@pytest.fixture
def odd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    monkeypatch.setenv("BROWSER", "/nowhere/browser")
    with served(request.param) as server:
        yield server


def program(server: OddServer) -> Authwizard:
    """The test step of a draft that has chosen what the command's options say."""
    service = catalogue.load().get("mcp")
    words = iter(server.options())
    said = [(word, next(words)) for word in words]
    method = dict(said).get("--method", "authorization_code")
    made = setup.with_service(setup.new(), service, service.environments[0], server.mcp)
    made = setup.with_method(made, next(m for m in service.methods if m.id == method))
    for word, value in said:
        if word == "--set":
            made = setup.with_setting(made, *value.split("=", 1))
    made = setup.with_allow(made, [value for word, value in said if word == "--allow"])

    class Program(Authwizard):
        async def on_ready(self) -> None:
            await self.push_screen(make("test", Work(jobs.tester, jobs.prover), made))

    return Program()


async def logged_in(pilot: Pilot[int]) -> None:
    """Agree in a browser, where one is asked for."""
    await reads(pilot, "Log in in your browser")
    asked = pilot.app.screen.query_one(LoginPanel).asked
    assert asked is not None
    words = [sys.executable, "-I", "-S", str(BROWSER), asked.url]
    await asyncio.to_thread(subprocess.run, words, check=True)


ALL = {
    name: odd for name, odd in ODD.items() if odd.patience == Odd().patience and name != "gateway-redirects"
}
"""Where a login would be waited for in vain, a screen waits for five minutes, as it should. A gateway that redirects is
no obstacle once a login was chosen: the server's metadata is open to all."""


async def says_it(odd: OddServer, *, login: bool) -> None:
    app = program(odd)
    async with app.run_test(size=(80, 70)) as pilot:
        screen = await on(pilot, TestStep)
        if login:
            await logged_in(pilot)
        for _ in range(400):
            if screen.draft.test is not None and screen._worker is None:
                break
            await pilot.pause(0.05)
        report = screen.draft.test
        assert report is not None and report.finding is not None
        assert report.finding.cause == odd.odd.cause
        await reads(pilot, " ".join(report.finding.title.split())[:60])
        await reads(pilot, " ".join(report.finding.fix[0].split())[:40])


def of(found: dict[str, Odd]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("odd", list(found.values()), ids=list(found), indirect=True)


@pytest.mark.slow
@pytest.mark.row("A1")
@of(NO_LOGIN)
async def test_it_is_said_before_any_login(odd: OddServer) -> None:
    await says_it(odd, login=False)
    assert odd.times("authorize") == 0


@pytest.mark.slow
@pytest.mark.row("A1")
@of(A_LOGIN)
async def test_it_is_said_after_the_login(odd: OddServer) -> None:
    await says_it(odd, login=True)


@pytest.mark.slow
@pytest.mark.row("A1")
@of(ALL)
async def test_each_of_them_is_said(odd: OddServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", f"{sys.executable} -I -S {BROWSER} %s")
    await says_it(odd, login=False)
