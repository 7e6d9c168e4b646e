"""What a diagnosis waits for, on a terminal; and Ctrl+C, which ends the wait and not the answer."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from .output import clean, write

if TYPE_CHECKING:
    from diagnostics.watch import Watch

_EVERY: Final = 0.5
_GONE: Final = "\r\x1b[K"
_NARROW: Final = 20


@asynccontextmanager
async def shown(watch: Watch) -> AsyncIterator[None]:
    """While this lasts, one line of standard error says what is waited for, if that is a terminal. The first Ctrl+C
    stops the watch; where nothing is watched yet, and the second time, it is what it always is."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        if not watch.begun or watch.stopped:
            raise KeyboardInterrupt
        watch.stop()

    # not everywhere can a loop hear signals, and never beside the main thread
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, interrupted)
    line = asyncio.create_task(_line(watch)) if _terminal() else None
    try:
        yield
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGINT)
        if line is not None:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)


async def _line(watch: Watch) -> None:
    last = ""
    try:
        while True:
            await asyncio.sleep(_EVERY)
            waits = watch.waits()
            says = f"{waits[:1].upper()}{waits[1:]}. Ctrl+C ends it with what is known." if waits else ""
            if says != last:
                write(sys.stderr, f"{_GONE}{clean(says)[: _columns() - 1]}")
            last = says
    finally:
        if last:
            write(sys.stderr, _GONE)


def _terminal() -> bool:
    return bool(sys.stderr and sys.stderr.isatty()) and os.environ.get("TERM") != "dumb"


def _columns() -> int:
    try:
        return max(_NARROW, os.get_terminal_size(sys.stderr.fileno()).columns)
    except (OSError, ValueError):
        return 80
