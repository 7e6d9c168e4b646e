"""A diagnosis under way, for whoever waits for it: what is waited for, and a way to end it before its time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from .answers import clean

if TYPE_CHECKING:
    from wizard.transport import Transport

    from .engine import ProbeState

_SOON: Final = 2.0
"""Seconds after which one wants to know what is waited for."""
_PATIENT: Final = 5.0
"""Seconds without an answer that tell something, where a person ends it."""
_IN_HASTE: Final = 0.5
"""The share of the time for one answer that tells something, where the whole time is over."""
_TO_CONCLUDE: Final = (0.2, 1.0)
"""The share of the time, and the most seconds of it, in which what is known is judged."""
_SHOWN: Final = 80


class Watch:
    """``seconds`` is the budget of the whole. One watch is for one diagnosis at a time, and may see several."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = seconds
        self.why = ""
        self.said = ""
        self.stopped = False
        self._stop = asyncio.Event()
        self._began = time.monotonic()
        self._heard = False
        self._transport: Transport | None = None
        self._running: dict[str, tuple[str, float]] = {}

    @property
    def begun(self) -> bool:
        """Whether anything hears of `stop` yet."""
        return self._heard

    def begin(self, transport: Transport) -> None:
        """From now on this is asked."""
        self.why = self.said = ""
        self._heard = False
        self._transport = transport
        self._running.clear()

    def probe(self, state: ProbeState) -> None:
        """Hear how a probe stands."""
        if state.state == "running":
            self._running[state.id] = state.title, time.monotonic()
        else:
            self._running.pop(state.id, None)

    def stop(self) -> None:
        """Wait no longer: what is known so far is judged. To be called where the diagnosis runs."""
        self.stopped = True
        self._stop.set()

    def waits(self, after: float = _SOON) -> str:
        """What is waited for, and since when: "waiting for an answer of HOST, 12 s". Empty before ``after`` seconds."""
        what, seconds = self._longest()
        return f"waiting for {what}, {seconds:.0f} s" if what and seconds >= after else ""

    async def over(self) -> float:
        """When this has ended: the seconds without an answer that tell something."""
        self._heard = True
        budget = self.seconds
        share, most = _TO_CONCLUDE
        left = None if budget is None else self._began + budget - min(share * budget, most) - time.monotonic()
        try:
            async with asyncio.timeout(left):
                await self._stop.wait()
        except TimeoutError:
            within = f"It was not finished within {budget:g} seconds"
            self._end(within, "the time was over before that was known")
            return _IN_HASTE * self._transport.timeout if self._transport else _PATIENT
        self._end("It was stopped", "it was stopped before that was known")
        return _PATIENT

    def _end(self, said: str, why: str) -> None:
        waits = self.waits(0.0)
        self.why, self.said = why, f"{said}, while {waits}." if waits else f"{said}."

    def _longest(self) -> tuple[str, float]:
        if self._transport is not None and (asked := self._transport.pending.longest()) is not None:
            host, seconds = asked
            return f"an answer of {clean(host, _SHOWN)}", seconds
        title, began = next(iter(self._running.values()), ("", 0.0))
        return title, time.monotonic() - began
