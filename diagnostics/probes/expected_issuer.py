"""Whose tokens the server takes."""

from __future__ import annotations

from ..engine import Probe
from ..facts.oauth import Expected
from .issuer import expected

PROBE = Probe("expected-issuer", "whose tokens the server takes", Expected, expected)
