"""uvicorn, ended by an event: its own loop looks for its end ten times a second, which a person and a test wait for."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import uvicorn


class PromptServer(uvicorn.Server):
    """A server that ends as soon as ``closing`` is set."""

    def __init__(self, closing: asyncio.Event, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._closing = closing

    async def main_loop(self) -> None:
        """Tick once a second, as the Date header wants, until the end."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 10
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), 1)
                return
