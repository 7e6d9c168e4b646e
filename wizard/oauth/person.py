"""Whoever sits before the program while a login happens: what they are shown, and what they can say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from wizard.errors import UsageError
from wizard.livetest import Step

from .model import Login

BROWSER = "browser"
DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Ask:
    """What the person is to do now. ``kind`` is `BROWSER` (open ``url``; this program waits on its loopback address) or
    `DEVICE` (open ``url`` anywhere and type ``code``; ``complete`` is the address that holds the code already, empty
    where there is none). ``opened`` is whether a browser was opened. ``seconds`` is how long is waited. ``advice`` are
    sentences for where it does not go on: the line that forwards the port over SSH, what the page probably shows.
    ``instead`` are the contract's method ids by which this server would let one log in as well. ``more`` are scopes
    that the server asks for beside those that were chosen.
    """

    kind: str
    url: str = field(repr=False)
    code: str = field(default="", repr=False)
    complete: str = field(default="", repr=False)
    opened: bool = False
    seconds: float = 0.0
    advice: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """``step`` hears of each step as it ends (and as it begins, with ``ok`` None); ``ask`` of what is to be done.
    ``paste`` yields the address that a browser ended at, where it could not reach this machine; None where nobody can
    paste. ``wrong`` hears why what was pasted is not it. ``keep`` is given each login as it comes about (also a
    refreshed one). ``opens`` is False where no browser may be opened. ``port`` is the loopback port, None for the usual
    one. ``seconds`` is how long a login is waited for; ``budget`` those of the whole job that this is part of, 0 where
    there is none. ``kind`` is the contract's method id that they would rather log in by; empty for the method's own.
    """

    step: Callable[[Step], None]
    ask: Callable[[Ask], None]
    paste: Callable[[], Awaitable[str]] | None = None
    keep: Callable[[Login], None] | None = None
    opens: bool = True
    port: int | None = None
    seconds: float = 300.0
    kind: str = ""
    wrong: Callable[[UsageError], None] | None = None
    budget: float = 0.0


def silent() -> Person:
    """Nobody: for what needs no one."""

    def hear(_: object) -> None:
        return None

    return Person(hear, hear, opens=False)
