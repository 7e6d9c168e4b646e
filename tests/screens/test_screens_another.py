"""From a diagnosis to the question again, for another target."""

from __future__ import annotations

from pathlib import Path

from screens.app import Authwizard
from screens.diagnose.screen import DiagnoseScreen
from screens.widgets.inputs import Line


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
