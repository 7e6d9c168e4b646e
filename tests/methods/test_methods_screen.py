"""The methods that a person fills in on the screen, by keys, against a server that records what arrives."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from methods_support import printing
from servers.recorder import Arrived, recording
from support.keeping import found_in
from textual.pilot import Pilot
from textual.widgets import Input

from screens.app import Authwizard
from screens.setup.base import StepScreen
from screens.setup.flow import Flow
from wizard import catalogue, setup
from wizard.setup.draft import Draft

pytestmark = pytest.mark.slow

KEY, OTHER = secrets.token_urlsafe(20), secrets.token_urlsafe(20)


async def wait(pilot: Pilot[int], done: Callable[[], bool], what: str) -> None:
    for _ in range(1200):
        if pilot.app._exception is None and done():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{what} did not come: {shown(pilot)}")


def shown(pilot: Pilot[int]) -> str:
    return "\n".join("".join(s.text for s in strip) for strip in pilot.app.screen._compositor.render_strips())


def step(pilot: Pilot[int]) -> str:
    return getattr(pilot.app.screen, "STEP", "")


def inputs(pilot: Pilot[int]) -> list[str]:
    return [str(line.id) for line in pilot.app.screen.query(Input)]


async def fill(pilot: Pilot[int], **values: str) -> None:
    for name, text in values.items():
        line = next(i for i in pilot.app.screen.query(Input) if str(i.id).endswith(name))
        line.focus()
        line.value = text
        await pilot.pause()


async def walked(url: str, method: str, *sheets: dict[str, str]) -> tuple[Draft, str]:
    """From the credentials to the live test; each sheet is typed into the fields of one form. What was chosen, and all
    that showed."""
    service = catalogue.load().get("http")
    found = service.method(method)
    assert found is not None
    app, seen = Authwizard(), ""
    async with app.run_test(size=(80, 24)) as pilot:
        flow = Flow(app)
        flow.draft = setup.with_method(
            setup.with_service(setup.new(), service, service.environments[0], url), found
        )
        flow.index = setup.STEPS.index("credentials")
        app.run_worker(flow.run(), group="wizard")
        for sheet in sheets:
            await wait(
                pilot, lambda s=sheet: all(any(i.endswith(n) for i in inputs(pilot)) for n in s), "the fields"
            )
            await fill(pilot, **sheet)
            seen += shown(pilot)
            await pilot.press("enter")
        await wait(pilot, lambda: step(pilot) == "permissions", "the permissions")
        await pilot.press("enter")
        await wait(pilot, lambda: step(pilot) == "test" and drafted(pilot).test is not None, "the test")
        return drafted(pilot), seen + shown(pilot)


def drafted(pilot: Pilot[int]) -> Draft:
    screen = pilot.app.screen
    assert isinstance(screen, StepScreen)
    return screen.draft


@pytest.mark.row("A2", "A3", "A4")
@pytest.mark.parametrize(
    ("method", "wants", "sheets"),
    [
        ("api_key_query", lambda a: a.query == {"key": KEY}, ({"query_name": "key", "query_api_key": KEY},)),
        (
            "api_key_custom",
            lambda a: a.headers.get("authorization") == f"Token {KEY}",
            ({"scheme": "Token", "token": KEY},),
        ),
        (
            "basic",
            lambda a: a.pair == f"CORP\\alice:{KEY}",
            ({"username": "alice", "password": KEY, "domain": "CORP"},),
        ),
        (
            "headers",
            lambda a: (a.headers.get("x-key"), a.headers.get("x-auth")) == (KEY, f"Bearer {OTHER}"),
            ({"header_names": "X-Key, X-Auth"}, {"header_X-Key": KEY, "header_X-Auth": f"Bearer {OTHER}"}),
        ),
        (
            "token_command",
            lambda a: a.headers.get("authorization") == f"Bearer {KEY}",
            ({"command": printing("import pathlib; print((pathlib.Path.home() / 'token').read_text())")},),
        ),
    ],
)
async def test_filled_in_by_keys(
    method: str, wants: Callable[[Arrived], bool], sheets: tuple[dict[str, str], ...], home: Path
) -> None:
    kept = home / "token"
    kept.write_text(KEY)
    with recording(wants) as api:
        draft, seen = await walked(api.url, method, *sheets)
        assert draft.test is not None
        assert draft.test.ok, seen
        assert api.let_in()
    assert KEY not in seen
    assert OTHER not in seen
    assert found_in([KEY, OTHER], home, but=(str(kept),)) == []
