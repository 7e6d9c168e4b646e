"""Make the pictures of the README from the running program: `python docs/pictures/make.py`, in an empty home."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


async def walk() -> None:
    """Walk the practice FAOS as far as the live test and keep two screens."""
    from sandbox import practice
    from screens.app import Authwizard

    with practice.start() as running:
        app = Authwizard(practice=running)
        async with app.run_test(size=(100, 26)) as pilot:
            for key in ("s", "enter", "enter", "enter"):
                await pilot.press(key)
                await pilot.pause(0.4)
            await pilot.press("ctrl+t")
            await pilot.pause(0.6)
            save(app.export_screenshot(title="authwizard"), "credentials.svg")
            for key in ("enter", "p", "enter"):
                await pilot.press(key)
                await pilot.pause(0.5)
            await pilot.pause(4)
            save(app.export_screenshot(title="authwizard"), "test.svg")


def save(svg: str, name: str) -> None:
    """Keep the picture without the reference to a font on a foreign server."""
    lines = [line for line in svg.splitlines() if "cdnjs" not in line]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        os.environ["HOME"] = home
        os.chdir(home)
        sys.path.insert(0, str(HERE.parents[1]))
        asyncio.run(walk())
