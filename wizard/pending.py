"""The requests of one transport that are under way: which is waited for, and when no more are."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit


class Pending:
    """Empty at first; `begin` and `end` keep it."""

    def __init__(self) -> None:
        self.given_up = False
        self._all: dict[int, tuple[str, float, asyncio.Timeout]] = {}

    async def may_begin(self) -> None:
        """Comes back where something may be sent; else whoever asks waits until they are cancelled."""
        if self.given_up:
            await asyncio.Event().wait()

    def begin(self, number: int, url: str, limit: asyncio.Timeout) -> None:
        """Request ``number`` is sent; ``limit`` is when it is not waited for any more."""
        self._all[number] = urlsplit(url).hostname or "", time.monotonic(), limit

    def end(self, number: int) -> None:
        """It is over, however it ended."""
        self._all.pop(number, None)

    def longest(self) -> tuple[str, float] | None:
        """The host whose answer is waited for longest, and since how many seconds; None where none is."""
        host, began, _ = next(iter(self._all.values()), ("", 0.0, None))
        return (host, time.monotonic() - began) if host else None

    def give_up(self, patience: float) -> None:
        """No more time: what was waited for that many seconds has run into its limit now, and nothing more is sent."""
        self.given_up = True
        for _, began, limit in self._all.values():
            # one that has run into its limit by itself may still be closing
            if not limit.expired() and time.monotonic() - began >= patience:
                limit.reschedule(asyncio.get_running_loop().time())
