"""Only the step that failed is failed; whoever logs in hears each step as it happens, once."""

from __future__ import annotations

import pytest
from oddities.odd_ones import refused
from oddities.odd_server import Answer, Odd, OddServer
from servers.real import free_port
from support.running import Run

from commands import live
from commands.output import Output
from commands.running import Waiting
from diagnostics import ladder, targets
from wizard import catalogue, setup
from wizard.livetest import Step
from wizard.oauth.person import Person
from wizard.transport import Transport

DENIED = Odd("login-denied", refused("access_denied", "not today"))
NO_CLIENT = Odd("registration-refused", instead={"register": Answer(404)})
METHOD = ("--method", "authorization_code")
TITLES = {"authorization": "your login in the browser", "registration": "this program as a client there"}


@pytest.mark.parametrize(
    ("odd", "step"), [(DENIED, "authorization"), (NO_CLIENT, "registration")], indirect=["odd"]
)
@pytest.mark.parametrize("words", [(), METHOD], ids=["as-it-says", "chosen"])
def test_what_comes_after_a_failed_step_waits(
    odd: OddServer, run: Run, step: str, words: tuple[str, ...]
) -> None:
    steps = {s["id"]: s for s in run("test", odd.mcp, "--json", *words).json["steps"]}
    assert [id for id, s in steps.items() if s["ok"] is False] == [step]
    if words:
        assert (steps["token"]["ok"], steps["token"]["seen"]) == (None, "waits for " + TITLES[step])


@pytest.mark.parametrize("odd", [Odd()], indirect=True)
@pytest.mark.parametrize("same", [True, False], ids=["one-hears-both", "two-hear"])
async def test_each_step_is_heard_once(odd: OddServer, same: bool) -> None:
    told: list[str] = []
    heard: list[str] = []

    def on_step(step: Step) -> None:
        told.append(step.id)

    def hear(step: Step) -> None:
        heard.append(step.id)

    someone = Person(on_step if same else hear, lambda _: None, port=free_port())
    async with Transport() as transport:
        report = await ladder.run(targets.from_url(odd.mcp), transport, on_step=on_step, person=someone)
    assert report.ok
    login = ["resource-metadata", "authorization-server", "registration", "authorization", "token"]
    assert [id for id in told if id in login] == login
    assert heard == ([] if same else login)


@pytest.mark.parametrize("odd", [Odd()], indirect=True)
@pytest.mark.parametrize("plain", [True, False], ids=["who-says-each-step", "who-says-none"])
async def test_a_setup_says_each_step_of_a_login_once(
    odd: OddServer, plain: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    service = catalogue.load().get("mcp")
    d = setup.with_service(setup.new(), service, service.environments[0], odd.mcp)
    method = service.method("authorization_code")
    assert method is not None
    said: list[str] = []

    def say(step: Step) -> None:
        said.append(step.title)

    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    on_step = say if plain else None
    untested = setup.with_method(d, method)
    tested = await live.with_login(
        untested, Output(), Waiting(), seconds=30, port=free_port(), on_step=on_step
    )
    assert tested.test is not None
    assert tested.test.ok
    shown = capsys.readouterr().err
    times = 0 if plain else 1
    assert [shown.count(f"● {title}") for title in TITLES.values()] == [times, times]
    assert [said.count(title) for title in TITLES.values()] == [1 - times, 1 - times]
