"""How each method asks, and what it sends: to an endpoint (`headers`), or into a client's config (`entry_plan`)."""

from __future__ import annotations

from .kinds import IDS, STATIC
from .plan import endpoint_of, entry_plan, headers, missing, refusal, sources, texts, variable_of

__all__ = [
    "IDS",
    "STATIC",
    "endpoint_of",
    "entry_plan",
    "headers",
    "missing",
    "refusal",
    "sources",
    "texts",
    "variable_of",
]
