"""This machine's clock against the server's."""

from __future__ import annotations

import time

from ..engine import Probe
from ..facts import Clock
from ..wire_facts import Differential


async def clock(differential: Differential | None) -> Clock:
    """The server's `Date`, which has whole seconds; this machine's time where there is none."""
    now = time.time()
    answers = (differential.none, differential.false, differential.real) if differential else ()
    date = next((a.date for a in answers if a is not None and a.date is not None), None)
    # A server whose clock is days off is no better judge than this machine.
    return Clock(now) if date is None else Clock(date, now - date)


PROBE = Probe("clock", "the clocks", Clock, clock)
