"""What an answer says as JSON: its object, or of an event stream the JSON-RPC response among its messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

EVENTS: Final = "text/event-stream"


def message(kind: str, body: bytes) -> Mapping[str, object]:
    """The object; of a stream the response, else the first message that there is. Empty where there is none."""
    if kind != EVENTS:
        return _object(body)
    found = [m for m in map(_object, _data(body)) if m]
    return next((m for m in found if is_response(m)), found[0] if found else {})


def is_response(found: Mapping[str, object]) -> bool:
    """Whether it answers a request, by a result or an error (JSON-RPC 2.0, section 5)."""
    return "jsonrpc" in found and ("result" in found or "error" in found)


def enough(method: str, content: bytes) -> bool:
    """Whether what came of an event stream is all that is waited for: to a POST the response, which other messages,
    pings and empty events may precede (MCP 2025-11-25, Transports); else the first event with data."""
    each = [*_data(content, whole=True)]
    if method == "POST":
        return any(is_response(_object(data)) for data in each)
    return any(each)


def _data(content: bytes, *, whole: bool = False) -> Iterator[bytes]:
    """The data of each event; with ``whole`` only of those that an empty line ended."""
    events = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n")
    for event in events[:-1] if whole else events:
        lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
        yield b"\n".join(lines)


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
