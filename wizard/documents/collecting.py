"""Parsing without Python's search for cycles: plain data has none, and to look through it again and again while it
grows costs more than to parse it."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_inside = [0, 0]
"""How many are parsing now, and whether the first of them found the search switched on."""


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Switch the search off for the block, in all threads; it is as it was when the last one leaves."""
    with _lock:
        if not _inside[0]:
            _inside[1] = int(gc.isenabled())
            gc.disable()
        _inside[0] += 1
    try:
        yield
    finally:
        with _lock:
            _inside[0] -= 1
            if not _inside[0] and _inside[1]:
                gc.enable()
