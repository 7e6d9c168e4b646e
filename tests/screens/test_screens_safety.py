"""What must never happen: a secret on the screen, a traceback, a heavy first frame, a key that does nothing."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from screens_keys import reads, settled, text_of
from textual.app import App
from textual.widgets import Input

from screens import app as app_module
from screens import jobs
from screens.app import INTERRUPTED, Authwizard, run
from screens.home import Home
from screens.setup.base import StepScreen
from screens.setup.flow import make
from screens.setup.work import Work
from screens.token import TokenScreen
from screens.widgets.inputs import SecretLine
from screens.words import mark, one_line, pad, say
from wizard import catalogue, paths, setup
from wizard.livetest import LiveTestReport, Step
from wizard.oauth.person import Person
from wizard.setup import STEPS, Draft

HEAVY = ("httpx", "keyring", "jwt", "starlette", "uvicorn", "authlib", "cryptography", "asyncio.subprocess")


@pytest.fixture(autouse=True)
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "found_in_clients", lambda _: ())


def never() -> object:
    raise AssertionError("nothing is tested here")


WORK = Work(never, never)  # type: ignore[arg-type]  # never called


def faos() -> Draft:
    service = catalogue.load().get("faos")
    draft = setup.with_service(setup.new(), service, service.environment("prod"))
    return setup.with_method(draft, service.methods[0])


def test_the_first_frame_imports_nothing_heavy() -> None:
    code = (
        "import asyncio, sys\n"
        "from screens.app import Authwizard\n"
        "async def main():\n"
        "    app = Authwizard()\n"
        "    app._look = None\n"
        "    from screens.home import Home\n"
        "    Home._look_around = lambda self: None\n"
        "    async with app.run_test(size=(80, 24)) as pilot:\n"
        "        await pilot.pause()\n"
        f"        print([m for m in {HEAVY[:-1]!r} if m in sys.modules])\n"
        "        print([m for m in sys.modules if m.startswith(('diagnostics', 'sandbox', 'screens.setup'))])\n"
        "asyncio.run(main())\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=_root()
    )
    assert answer.stdout.split("\n")[:2] == ["[]", "[]"]


def _root() -> Path:
    return Path(app_module.__file__).parents[1]


async def test_home_answers_a_key_and_shows_the_two_words_whole() -> None:
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Set up" in text_of(app)
        assert "Diagnose" in text_of(app)
        segments = [s.text for strip in app.screen._compositor.render_strips() for s in strip]
        assert any("Set up" in text for text in segments)
        assert any("Diagnose" in text for text in segments)
        await pilot.press("t")
        assert isinstance(app.screen, TokenScreen)


def test_a_fault_of_its_own_is_a_sentence_and_a_note_without_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = secrets.token_urlsafe(24)

    def broken(self: Home) -> None:
        held = value
        raise RuntimeError(f"it holds {held}")

    monkeypatch.setattr(Home, "action_token", broken)
    start = App.run
    monkeypatch.setattr(
        App, "run", lambda self: start(self, headless=True, auto_pilot=_press_t, size=(80, 24))
    )
    assert run() == 1
    said = capsys.readouterr()
    assert "met a fault of its own" in said.err
    assert "Traceback" not in said.err + said.out
    assert value not in said.err + said.out
    note = (paths.state_dir() / "crash.txt").read_text("utf-8")
    assert "RuntimeError" in note
    assert "in broken" in note
    assert value not in note


async def _press_t(pilot: object) -> None:
    await pilot.press("t")  # type: ignore[attr-defined]  # Textual hands a Pilot


def test_ctrl_c_leaves_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    async def press(pilot: object) -> None:
        await pilot.press("s", "ctrl+c")  # type: ignore[attr-defined]  # as above

    start = App.run
    monkeypatch.setattr(App, "run", lambda self: start(self, headless=True, auto_pilot=press, size=(80, 24)))
    assert run() == INTERRUPTED


@pytest.mark.parametrize(("value", "colours"), [("", True), ("1", False)])
def test_no_color_counts_only_when_it_is_not_empty(
    monkeypatch: pytest.MonkeyPatch, value: str, colours: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    seen: list[bool] = []

    def look(self: Authwizard) -> None:
        seen.append(not self.no_color)

    monkeypatch.setattr(Authwizard, "run", look)
    run()
    assert seen == [colours]


async def test_a_secret_field_never_shows_copies_or_unmasks(monkeypatch: pytest.MonkeyPatch) -> None:
    value = secrets.token_urlsafe(30)
    copied: list[str] = []
    app = Authwizard()
    monkeypatch.setattr(Authwizard, "copy_to_clipboard", lambda _self, text: copied.append(text))
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(make("credentials", WORK, faos()))
        await settled(pilot)
        line = app.screen.query_one("#field-token", SecretLine)
        line.value = value
        line.focus()
        await pilot.press("ctrl+shift+a", "super+c", "ctrl+x")
        line.password = False
        await pilot.pause()
        assert line.password
        assert line.value == value
        assert copied == []
        assert value not in text_of(app)
        assert value not in app.export_screenshot()
        assert all(value not in f"{w.name}{w.description}{w!r}" for w in app.workers)
        assert value not in repr(line)


async def test_a_paste_over_two_lines_is_seen_not_cut() -> None:
    app = Authwizard()
    value = "faosx_" + secrets.token_urlsafe(30)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(make("credentials", WORK, faos()))
        await settled(pilot)
        from textual import events

        line = app.screen.query_one("#field-token", SecretLine)
        line.post_message(events.Paste(f"Bearer {value}\n"))
        await pilot.pause()
        assert "Enter mends it" in text_of(app)
        await pilot.press("enter")
        assert line.value == value
        assert "Enter mends it" not in text_of(app)


def test_the_palette_takes_no_pictures() -> None:
    app = Authwizard()
    home = Home()
    app._screen_stacks["_default"] = [home]
    titles = {c.title for c in app.get_system_commands(home)}  # type: ignore[arg-type]  # a screen is a screen
    assert "Screenshot" not in titles
    assert {"Set up a service", "Diagnose", "Quit"} <= titles


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
async def test_every_step_is_whole_in_a_small_terminal(step: str) -> None:
    steps = (Step("reach", "reach the address", True, "", "fine"),)
    draft = setup.with_test(
        setup.with_tools(faos(), ("faos_query_metric",)), LiveTestReport("x", True, steps)
    )
    app = Authwizard()
    async with app.run_test(size=(50, 14)) as pilot:
        screen = make(step, WORK, draft)
        app.push_screen(screen)
        await settled(pilot)
        text = text_of(app)
        assert step in text
        assert "Enter" in text
        assert "Esc" in text
        await pilot.press("f1")
        assert screen.query_one("#panel").region.width >= 40
        await pilot.press("escape")
        assert app.screen is screen


async def test_what_is_left_of_the_keys_in_a_small_terminal_is_the_way_out() -> None:
    app = Authwizard()
    async with app.run_test(size=(50, 14)) as pilot:
        from screens.files import FilesScreen
        from screens.setup.activate import ActivateStep

        steps = (Step("reach", "reach the address", True, "", "fine"),)
        draft = setup.with_test(faos(), LiveTestReport("x", True, steps))
        screen = make("activate", WORK, draft)
        assert isinstance(screen, ActivateStep)
        app.push_screen(screen)
        await settled(pilot)
        screen._report = setup.SetupReport("x", "faos", "api_token", (), draft.test)  # type: ignore[arg-type]  # it has one
        screen.show_keys()
        await pilot.pause()
        assert "Esc home" in text_of(app)
        assert "Enter done" in text_of(app)
        app.push_screen(FilesScreen())
        await settled(pilot)
        assert "Esc back" in text_of(app)


async def test_only_ascii_where_only_ascii_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHWIZARD_ASCII", "1")
    app = Authwizard()
    async with app.run_test(size=(120, 30)) as pilot:
        assert text_of(app).isascii()
        for step in ("service", "method", "credentials", "permissions"):
            app.push_screen(make(step, WORK, faos()))
            await settled(pilot)
            for line in app.screen.query(Input).results():
                if isinstance(line, SecretLine):
                    line.value = "a" * 30
            await pilot.pause()
            stray = {c for c in text_of(app) if not c.isascii()}
            assert not stray, (step, stray)


async def test_a_running_test_is_cancelled_and_run_again() -> None:
    runs: list[int] = []

    def tester() -> Callable[..., object]:
        async def test(_: Draft, on_step: Callable[[Step], None], __: Person) -> LiveTestReport:
            runs.append(1)
            on_step(Step("reach", "reach the address", None))
            if len(runs) == 1:
                await asyncio.sleep(60)
            return LiveTestReport(
                "x", False, (Step("reach", "reach the address", False, "an answer", "nothing"),)
            )

        return test

    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(make("test", Work(tester, never), faos()))  # type: ignore[arg-type]  # a stand-in
        await reads(pilot, "cancel")
        await pilot.press("escape")
        await reads(pilot, "cancelled")
        await pilot.press("r")
        await reads(pilot, "expected an answer, saw nothing")
        await pilot.press("enter")
        assert "Nothing is written for a connection that fails" in text_of(app)
        assert isinstance(app.screen, StepScreen)


async def test_a_client_file_that_does_not_parse_is_a_sentence(home: Path) -> None:
    Path(".mcp.json").write_text('{"mcpServers": ', "utf-8")
    steps = (Step("reach", "reach the address", True, "", "fine"),)
    from wizard.secret import Secret

    draft = setup.with_secret(faos(), "token", Secret(secrets.token_urlsafe(20)))
    draft = setup.with_test(draft, LiveTestReport("x", True, steps))
    app = Authwizard()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(make("activate", WORK, draft))
        await settled(pilot)
        assert "Nothing was changed." in text_of(app)
        assert "✗" in text_of(app)
    assert Path(".mcp.json").read_text("utf-8") == '{"mcpServers": '


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ● text", "plain ● text"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("tab\tand\rreturn", "tab and return"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("\ud800", "\\ud800"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
    ],
)
def test_text_from_outside_cannot_drive_the_terminal(text: str, shown: str) -> None:
    assert say(text) == shown


def test_one_line_is_one_line_and_pad_is_exact() -> None:
    assert one_line("a\nb\r\nc") == "a b c"
    assert pad("abcdef", 4) == "abc…"
    assert pad("ab", 4) == "ab  "
    assert mark("broken").plain == "✗ broken"


def test_a_service_that_is_unknown_is_said() -> None:
    from screens.setup.flow import Flow

    flow = Flow(Authwizard(), "nosuch", WORK)
    assert flow.index == 0
    assert "no such service" in flow.trouble
