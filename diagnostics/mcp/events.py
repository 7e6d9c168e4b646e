"""Server-sent events, read as they come (HTML standard, section 9.2)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """One event: its name (``message`` where it has none) and its data."""

    name: str
    data: str


async def events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
    """The events of a stream; one that the stream's end cuts off is dropped, as the standard says."""
    name, data = "", list[str]()
    async for line in _lines(pieces):
        if not line:
            if data:
                yield Event(name or "message", "\n".join(data))
            name, data = "", []
            continue
        key, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if key == "data":
            data.append(value)
        elif key == "event":
            name = value


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """Lines ended by CR, LF or both. A CR at the end of a piece may be half of a CR LF: it ends its line at
    once, and an LF that follows is dropped."""
    rest: list[bytes] = []
    after_cr = False
    async for piece in pieces:
        if after_cr:
            piece = piece.removeprefix(b"\n")  # noqa: PLW2901  # the other half of a CR LF
            after_cr = False
        if not piece:
            continue
        after_cr = piece.endswith(b"\r")
        *whole, last = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            yield b"".join((*rest, line)).decode("utf-8", "replace")
            rest = []
        rest.append(last)
