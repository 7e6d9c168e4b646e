"""The engine: probes run as soon as what they need is there, all at once; rules get their facts by type.

A probe is an async function decorated with `probe`; a rule is a pure function decorated with
`diagnostics.causes.cause`. Both name what they need as annotated parameters: ``Clock`` is needed, ``Clock | None``
is used when it is there. A probe that fails is "not examined", never a traceback.
"""

from __future__ import annotations

import asyncio
import inspect
import time
import types
import typing
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from wizard.errors import AuthwizardError
from wizard.transport import Transport

from . import elsewhere
from .facts import Fact
from .guard import either
from .target import Target
from .watch import Watch

if TYPE_CHECKING:
    from .har.model import Recording
    from .steps.token_request import TokenRequest

_T = TypeVar("_T")
_A_MOMENT: Final = 0.01
"""Seconds in which an answer is read and the next request sent."""
_A_ROW: Final = 2
"""So many probes one after the other are what a diagnosis waits for."""
_TO_THE_END: Final = 0.3
"""Seconds in which probes say what they saw once nothing more is waited for."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every probe may use. ``start`` is the person's yes to starting a command from a config. ``asked`` is how the
    access token was asked for that the target sends; None where none had to be. ``tool`` is one that the person wants
    to call, ``told`` what it said where it was called and failed. ``require_groups`` and
    ``require_roles`` are what the person wants to see in the token. ``har`` is what their browser recorded."""

    target: Target
    transport: Transport
    start: bool = False
    require_scopes: tuple[str, ...] = ()
    asked: TokenRequest | None = None
    tool: str = ""
    told: str = ""
    require_groups: tuple[str, ...] = ()
    require_roles: tuple[str, ...] = ()
    har: Recording | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """A probe's answer when its question does not arise; ``why`` is a short clause."""

    why: str


Run = Callable[..., Awaitable["Fact | Skip"]]


@dataclass(frozen=True, slots=True)
class Probe:
    """One question put to the world: it gives one fact."""

    id: str
    title: str
    gives: type
    run: Run


@dataclass(frozen=True, slots=True)
class ProbeState:
    """How a probe stands: ``waiting``, ``running``, ``done``, ``skipped`` or ``failed``; and what it saw."""

    id: str
    title: str
    state: str
    seen: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of a run by type, and why the others are missing."""

    known: Mapping[type, Fact] = field(default_factory=dict)
    missing: Mapping[type, str] = field(default_factory=dict)

    def get(self, kind: type[_T]) -> _T | None:
        """The fact of this type, if it is there."""
        found = self.known.get(kind)
        return found if isinstance(found, kind) else None


class Later(Generic[_T]):
    """A fact that a probe may begin without and wait for when it comes to it: ``Later[Differential]``."""

    def __init__(self, coming: asyncio.Future[Fact | Skip] | None) -> None:
        self._coming = coming

    async def get(self) -> _T | None:
        """The fact once it is there; None where it is not to be had."""
        found = await self._coming if self._coming else None
        # the engine keeps each fact under its type
        return None if isinstance(found, Skip) else cast("_T | None", found)


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter: the type, whether the function can do without, and whether it waits for it itself."""

    name: str
    kind: type
    optional: bool
    later: bool = False


@cache
def needs(function: Callable[..., object]) -> tuple[Need, ...]:
    """What a probe or rule needs, read from its annotations."""
    hints = typing.get_type_hints(function)
    return tuple(_need(name, hints[name]) for name in inspect.signature(function).parameters)


def _need(name: str, hint: object) -> Need:
    if typing.get_origin(hint) is Later:
        return Need(name, typing.get_args(hint)[0], optional=True, later=True)
    if isinstance(hint, types.UnionType):
        inner = [t for t in typing.get_args(hint) if t is not type(None)]
        return Need(name, inner[0], optional=True)
    if not isinstance(hint, type):
        raise TypeError(f"{name}: a probe or rule takes facts only")
    return Need(name, hint, optional=False)


def supply(function: Callable[..., object], facts: Facts) -> dict[str, object] | str:
    """The arguments for a rule, or why it cannot be asked."""
    arguments: dict[str, object] = {}
    for need in needs(function):
        found = facts.known.get(need.kind)
        if found is None and not need.optional:
            return facts.missing.get(need.kind) or elsewhere.why(need.kind)
        arguments[need.name] = found
    return arguments


@cache
def rows(probes: tuple[Probe, ...]) -> Mapping[type, int]:
    """How many others wait for what each probe gives, one after the other."""
    waiting: dict[type, list[type]] = {}
    for probe in probes:
        for need in needs(probe.run):
            waiting.setdefault(need.kind, []).append(probe.gives)

    @cache
    def row(kind: type) -> int:
        return max((1 + row(then) for then in waiting.get(kind, ())), default=0)

    return {probe.gives: row(probe.gives) for probe in probes}


class _Run:
    def __init__(
        self, context: Context, probes: Sequence[Probe], on: Callable[[ProbeState], None], watch: Watch
    ) -> None:
        self.context = context
        self.probes = probes
        self.on = on
        self.watch = watch
        loop = asyncio.get_running_loop()
        self.ready: dict[type, asyncio.Future[Fact | Skip]] = {p.gives: loop.create_future() for p in probes}
        self.rows = rows(tuple(probes))
        self.urgent = {kind for kind, row in self.rows.items() if row >= _A_ROW}
        self.calm = asyncio.Event()

    async def _in_turn(self, probe: Probe) -> None:
        """What no row waits for goes a moment later than what one waits for, so that its answers do not come in
        between."""
        if self.rows[probe.gives] < _A_ROW and self.urgent:
            with suppress(TimeoutError):
                async with asyncio.timeout(_A_MOMENT):
                    await self.calm.wait()

    def _settle(self, probe: Probe, answer: Fact | Skip) -> None:
        self.ready[probe.gives].set_result(answer)
        self.urgent.discard(probe.gives)
        if not self.urgent:
            self.calm.set()

    async def all(self) -> Facts:
        for p in self.probes:
            self.on(ProbeState(p.id, p.title, "waiting"))
        tasks: dict[Probe, asyncio.Task[None]] = {}
        ending = asyncio.create_task(self._end(tasks))
        try:
            async with asyncio.TaskGroup() as group:
                for p in sorted(self.probes, key=lambda p: self.rows[p.gives], reverse=True):
                    tasks[p] = group.create_task(self.one(p))
        finally:
            ending.cancel()
        answers = {kind: future.result() for kind, future in self.ready.items()}
        known = {kind: a for kind, a in answers.items() if not isinstance(a, Skip)}
        return Facts(known, {kind: a.why for kind, a in answers.items() if isinstance(a, Skip)})

    async def _end(self, tasks: Mapping[Probe, asyncio.Task[None]]) -> None:
        """Once the watch says so, come to an end: what was waited for long enough is told, the rest is not known."""
        patience = await self.watch.over()
        self.context.transport.pending.give_up(patience)
        if under_way := [t for t in tasks.values() if not t.done()]:
            await asyncio.wait(under_way, timeout=_TO_THE_END)
        left = [(probe, task) for probe, task in tasks.items() if not task.done()]
        # all of them before the first is cancelled: with a probe goes the future that it waits for
        for probe, _ in left:
            self._settle(probe, Skip(self.watch.why))
        for probe, task in left:
            task.cancel()
            self.on(ProbeState(probe.id, probe.title, "failed", self.watch.why))

    async def one(self, probe: Probe) -> None:
        answer, state, began = await self._answer(probe)
        if self.ready[probe.gives].done():
            return  # it was ended, and came back all the same
        self._settle(probe, answer)
        seen = answer.why if isinstance(answer, Skip) else either("it cannot be shown", answer.seen)
        seconds = time.monotonic() - began if began else 0.0
        self.on(ProbeState(probe.id, probe.title, state, self.context.transport.redact(seen), seconds))

    async def _answer(self, probe: Probe) -> tuple[Fact | Skip, str, float]:
        arguments: dict[str, object] = {}
        for need in needs(probe.run):
            if need.kind is Context:
                arguments[need.name] = self.context
                continue
            waited = self.ready.get(need.kind)
            if need.later:
                arguments[need.name] = Later(waited)
                continue
            found: Fact | Skip = await waited if waited else Skip(elsewhere.why(need.kind))
            if isinstance(found, Skip):
                if not need.optional:
                    return found, "skipped", 0.0
                arguments[need.name] = None
            else:
                arguments[need.name] = found
        await self._in_turn(probe)
        self.on(ProbeState(probe.id, probe.title, "running"))
        began = time.monotonic()
        try:
            answer = await probe.run(**arguments)
        except AuthwizardError as error:
            return Skip(error.title.rstrip(".")), "failed", began
        except Exception as error:  # noqa: BLE001  # a probe that breaks must not take the diagnosis with it
            return Skip(f"the probe itself failed ({type(error).__name__})"), "failed", began
        return answer, "skipped" if isinstance(answer, Skip) else "done", began


async def gather(
    context: Context,
    probes: Sequence[Probe],
    on: Callable[[ProbeState], None],
    beside: Coroutine[object, object, None] | None = None,
    watch: Watch | None = None,
) -> Facts:
    """Run every probe as soon as its facts are there; the time is that of the longest chain. ``beside`` is done
    meanwhile, and ended with the last probe however far it came. ``watch`` may end it earlier."""
    aside = asyncio.create_task(beside) if beside is not None else None
    try:
        return await _Run(context, probes, on, watch or Watch()).all()
    finally:
        if aside is not None:
            aside.cancel()
