"""What a diagnosis needs only at its end is loaded while it waits for answers: rules, texts of refusals, libraries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Final

from wizard.transport import Transport

from . import causes, packs, probes
from .engine import needs, rows
from .sending import live
from .target import Target

_FIRST: Final = 0.03
"""Seconds in which the first requests are on their way."""
_BETWEEN: Final = 0.001
_LIBRARIES: Final = (
    "cryptography.exceptions",
    "cryptography.hazmat.backends.openssl.backend",
    "cryptography.hazmat.primitives.asymmetric.ec",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "cryptography.hazmat.primitives.serialization",
    "jwt",
)
"""Those by which a signature is checked, from the innermost on: none takes long after the one before."""


def at_once() -> None:
    """What the first request needs: to load a program is no part of a diagnosis."""
    from wizard.lean import httpx_alone

    httpx_alone()
    import anyio
    import httpcore  # noqa: F401  # httpx loads it with its first client

    # by this anyio loads what it has for asyncio, else with the first connection
    anyio.get_cancelled_exc_class()
    rows(probes.every())


async def while_waiting(target: Target, transport: Transport) -> None:
    """Small steps between which the answers are read; ended by whoever waits no more. No thread: it would take turns
    with the one that reads the answers, and each turn takes longer than all that is to be done in it."""
    credential = target.credential or next(iter(target.secrets.values()), None)
    signed = credential is not None and credential.reveal().count(".") == 2
    await asyncio.sleep(_FIRST)
    # to know a value in all its forms takes a while, and the next requests send these
    transport.know(*live(target).values())
    for step in _steps(signed=signed):
        step()
        await asyncio.sleep(_BETWEEN)


def _steps(*, signed: bool) -> Iterator[Callable[[], object]]:
    for name in _LIBRARIES if signed else ():
        yield partial(import_module, name)
    for cause in causes.every():
        yield partial(needs, cause.rule)
    for place in packs.places():
        yield partial(packs.read, place)
