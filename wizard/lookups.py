"""Name look-ups that hold up nobody's end.

The system's look-up cannot be called off, and a name server that does not answer keeps it for half a minute. asyncio
waits for all its threads before a loop is closed, Python for all of theirs before it ends: here each look-up has a
thread that neither of them waits for.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


def apart() -> None:
    """From now on the look-ups of the running loop are on their own; what else goes to a thread is waited for."""
    asyncio.get_running_loop().set_default_executor(_Threads())


class _Threads(ThreadPoolExecutor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Run it in a thread."""
        if fn is not socket.getaddrinfo:
            return super().submit(fn, *args, **named)
        future: Future[Any] = Future()
        threading.Thread(target=_run, args=(future, fn, args, named), name="look-up", daemon=True).start()
        return future


def _run(future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        found = fn(*args, **named)
    except BaseException as error:  # noqa: BLE001  # as an executor does: it is raised where it is waited for
        future.set_exception(error)
    else:
        future.set_result(found)
