"""An HTTP answer, and the redacted record of how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import TransportError


@dataclass(frozen=True, slots=True)
class Limits:
    """``body`` in bytes after decoding, ``headers`` in bytes, ``redirects`` as a count (CONTRACT, limits)."""

    body: int = 10_000_000
    headers: int = 256_000
    redirects: int = 10


class Headers:
    """A response's header fields: names in any case, every line kept (RFC 9110 section 5.3)."""

    __slots__ = ("_lines",)

    def __init__(self, lines: tuple[tuple[str, str], ...]) -> None:
        self._lines = lines

    def get(self, name: str) -> str | None:
        """The first line of this name."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Each line of this name, in order."""
        return tuple(value for key, value in self._lines if key.lower() == name.lower())

    def items(self) -> tuple[tuple[str, str], ...]:
        """Every line, in order."""
        return self._lines


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request and its answer; every text in it is redacted. ``error`` is an id when none came. ``at`` is
    when the answer's head was there, by this machine's clock, in seconds since 1970; 0 where none came."""

    number: int
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    status: int | None
    response_headers: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    seconds: float = 0.0
    error: str = ""
    at: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Plain data for a report."""
        return {
            "number": self.number,
            "method": self.method,
            "url": self.url,
            "request_headers": [list(pair) for pair in self.request_headers],
            "status": self.status,
            "response_headers": [list(pair) for pair in self.response_headers],
            "excerpt": self.excerpt,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer with its whole body; ``number`` is its exchange's. Its repr shows no content."""

    status: int
    headers: Headers
    body: bytes
    url: str
    number: int

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.body)} bytes, exchange {self.number})"

    def text(self) -> str:
        """The body as UTF-8; what is not is replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises: TransportError ``not-json``."""
        import json

        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = (self.headers.get("content-type") or "no content type").split(";")[0]
            raise TransportError(
                "not-json", "The server did not answer with JSON.", f"It sent {kind}, {len(self.body)} bytes."
            ) from error
