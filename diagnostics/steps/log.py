"""The steps as they are made: measured, handed on as they finish, and put in order at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from wizard.livetest import PROGRAM_LOGIN, Step
from wizard.oauth import walk

TITLES: Final = {
    "connect": "reach the host",
    "tls": "TLS",
    "health": "health",
    "no-credential": "refused without a credential",
    **walk.TITLES,
    "step-up": "more scopes, asked for by a second login",
    "credential": "accepted with yours",
    "false-credential": "refused with a false one",
    "start": "start the command",
    "session": "MCP session",
    "ping": "ping",
    "tools": "tools",
    PROGRAM_LOGIN: "your login, in the program's browser",
    "call": "call a tool",
    "scopes": "scopes",
    "rate-limit": "rate limit",
}
"""Every step that there is, in order."""


class Log:
    """Collects steps; ``planned`` are the ids that this test will have, ``hide`` takes secrets out of a text,
    ``own`` out of a sentence of this program's own."""

    def __init__(
        self,
        planned: tuple[str, ...],
        on_step: Callable[[Step], None] | None,
        hide: Callable[[str], str] = str,
        own: Callable[[str], str] | None = None,
    ) -> None:
        self.planned = planned
        self.hide = hide
        self.own = own or hide
        self._on_step = on_step
        self._done: dict[str, Step] = {}
        self.awaited: dict[str, str] = {}

    def begin(self, id: str, says: str) -> None:
        """A step that has begun, and for which a person has to do something: ``says`` is what."""
        self.awaited[id] = self.own(says)
        if self._on_step:
            self._on_step(Step(id, self.own(TITLES[id]), None, self.awaited[id]))

    def add(
        self,
        id: str,
        ok: bool | None,
        expected: str,
        seen: str,
        detail: str = "",
        *,
        began: float | None = None,
        seconds: float | None = None,
        title: str = "",
    ) -> None:
        """One finished step; ``began`` is a `time.monotonic`. A step is said once: the first word stands."""
        if id in self._done:
            return
        spent = seconds if seconds is not None else time.monotonic() - began if began is not None else 0.0
        own, hide = self.own, self.hide
        step = Step(id, own(title or TITLES[id]), ok, own(expected), hide(seen), hide(detail), spent)
        self._done[id] = step
        if self._on_step:
            self._on_step(step)

    def put(self, step: Step) -> None:
        """A step that somebody else made; the last word stands."""
        hide = self.hide
        self._done[step.id] = replace(step, seen=hide(step.seen), detail=hide(step.detail))
        if self._on_step:
            self._on_step(self._done[step.id])

    def branch(self) -> Log:
        """A log of its own, which may come to nothing."""
        return Log(self.planned, None, self.hide, self.own)

    def merge(self, other: Log) -> None:
        """Take in what another log holds."""
        for step in other.steps():
            if step.id not in self._done:
                self._done[step.id] = step
                if self._on_step:
                    self._on_step(step)

    def wait(self, what: str, *ids: str) -> None:
        """Steps that could not be run, for another failed."""
        for id in ids:
            if id in self.planned:
                self.add(id, None, "", f"waits for {what}")

    def failed(self, *ids: str) -> str:
        """The first of these steps that failed, by its title; empty for none."""
        bad = (self._done[id] for id in ids if id in self._done and self._done[id].ok is False)
        return next((step.title for step in bad), "")

    def get(self, id: str) -> Step | None:
        """A finished step."""
        return self._done.get(id)

    def missing(self) -> tuple[str, ...]:
        """Planned ids that are not finished."""
        return tuple(id for id in self.planned if id not in self._done)

    def steps(self) -> tuple[Step, ...]:
        """All finished steps, in their order."""
        order = list(TITLES)
        if "authorization-server" not in self._done:
            # where its endpoint was known, the token was asked for first of all
            order.sort(key=lambda id: id != "token")
        return tuple(self._done[id] for id in order if id in self._done)
