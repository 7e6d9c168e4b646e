"""How each method asks, and what it sends: to an endpoint (`headers`), or into a client's config (`entry_plan`)."""

from __future__ import annotations

from .asking import fields, in_clear, missing, refusal, sources, takes
from .kinds import IDS, READY, STATIC
from .plan import base_of, derived, endpoint_of, entry_plan, headers, resource_of, texts, variable_of

__all__ = [
    "IDS",
    "READY",
    "STATIC",
    "base_of",
    "derived",
    "endpoint_of",
    "entry_plan",
    "fields",
    "headers",
    "in_clear",
    "missing",
    "refusal",
    "resource_of",
    "sources",
    "takes",
    "texts",
    "variable_of",
]
