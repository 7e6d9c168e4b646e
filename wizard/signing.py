"""Requests that carry a proof of their own, made anew for each: what the transport asks of whoever makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .exchange import Headers
from .secret import Secret


class Signer(Protocol):
    """Signs requests to the origins that it was told of, and no others."""

    def headers(self, method: str, url: str, headers: Mapping[str, Secret | str]) -> Mapping[str, Secret]:
        """What joins ``headers`` in this request, replacing those of the same name; nothing where its origin is none
        of the signer's, and then nothing more is asked about it."""

    def again(self, url: str, status: int, headers: Headers, body: bytes) -> bool:
        """Hears of each answer to a signed request; whether that request is to be sent, signed anew, once more.
        ``body`` is the answer's where ``status`` is 400 or 401, else empty."""


REFUSALS = frozenset({400, 401})
"""The answers whose body may say that the proof alone was at fault (RFC 9449 sections 8 and 9)."""
