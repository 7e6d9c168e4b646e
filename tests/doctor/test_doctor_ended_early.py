"""A diagnosis that is ended before its time, by a person or by its budget, whatever its probes do then."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

import pytest

from diagnostics import engine
from diagnostics.facts import Named, Reached
from diagnostics.watch import Watch
from wizard.transport import Transport


async def _gathered(transport: Transport, watch: Watch, *probes: engine.Probe) -> engine.Facts:
    watch.begin(transport)
    context = engine.Context(cast("Any", None), transport)
    async with asyncio.timeout(20):
        return await engine.gather(context, probes, lambda _: None, None, watch)


def test_a_probe_that_fails_as_it_is_ended_takes_nothing_with_it() -> None:
    async def failing(context: engine.Context) -> engine.Skip:
        watch.stop()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("its clean-up failed")

    watch = Watch()

    async def run() -> engine.Facts:
        async with Transport(timeout=5) as transport:
            return await _gathered(transport, watch, engine.Probe("a", "a", Named, failing))

    assert asyncio.run(run()).missing == {Named: "it was stopped before that was known"}


def test_a_request_that_ran_into_its_limit_and_still_closes_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closing = asyncio.Event()

    async def opened(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            closing.set()
            await asyncio.sleep(0.5)

    async def asking(context: engine.Context) -> engine.Skip:
        with suppress(Exception):
            await context.transport.send("GET", "http://127.0.0.1:9/x")
        return engine.Skip("asked")

    async def later(context: engine.Context) -> engine.Skip:
        await closing.wait()
        watch.stop()
        await asyncio.sleep(0.1)
        await context.transport.send("GET", "http://127.0.0.1:9/y")
        return engine.Skip("never")

    monkeypatch.setattr(Transport, "_client", opened)
    monkeypatch.setattr("diagnostics.watch._PATIENT", 0.0)
    watch = Watch()

    async def run() -> engine.Facts:
        async with Transport(timeout=0.2) as transport:
            first, second = engine.Probe("a", "a", Named, asking), engine.Probe("b", "b", Reached, later)
            return await _gathered(transport, watch, first, second)

    found = asyncio.run(run())
    assert found.missing[Reached] == "it was stopped before that was known"
