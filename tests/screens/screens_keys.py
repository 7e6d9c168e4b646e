"""Waiting for what a person waits for: a screen, words on it, or that all is drawn."""

from __future__ import annotations

from typing import TypeVar

from textual.pilot import Pilot
from textual.screen import Screen

from screens.app import Authwizard

_S = TypeVar("_S", bound=Screen[object])


def text_of(app: Authwizard) -> str:
    """What stands on the screen, as text."""
    return "\n".join("".join(s.text for s in strip) for strip in app.screen._compositor.render_strips())


async def on(pilot: Pilot[int], kind: type[_S]) -> _S:
    """Wait until this screen is up and can take a key."""
    for _ in range(400):
        screen = pilot.app.screen
        if isinstance(screen, kind) and screen.is_mounted and screen.is_active:
            await pilot.pause()
            return screen
        await pilot.pause(0.05)
    raise AssertionError(f"{kind.__name__} did not come; {pilot.app.screen}: {text_of(pilot.app)}")  # type: ignore[arg-type]  # the app under test


async def reads(pilot: Pilot[int], words: str) -> None:
    """Wait until these words stand on the screen, wherever its lines break."""
    for _ in range(400):
        if words in " ".join(text_of(pilot.app).split()):  # type: ignore[arg-type]  # the app under test
            return
        await pilot.pause(0.05)
    raise AssertionError(f"`{words}` did not come: {text_of(pilot.app)}")  # type: ignore[arg-type]  # as above


async def settled(pilot: Pilot[int]) -> None:
    """Wait until something is drawn, nothing works any more, and all stays as it is. The setup itself works as long
    as one is in it."""
    app: Authwizard = pilot.app  # type: ignore[assignment]  # the app under test
    last, same = "", 0
    for _ in range(400):
        await pilot.pause()
        text = text_of(app)
        working = [w for w in app.workers if not w.is_finished and w.group != "wizard"]
        drawn = text.strip() and app.screen.is_active and getattr(app, "up", True)
        now = f"{app.screen!r} {text}"
        last, same = now, same + 1 if drawn and not working and now == last else 0
        if same == 3:
            return
    raise AssertionError(f"it did not come to rest; {working}: {last}")
