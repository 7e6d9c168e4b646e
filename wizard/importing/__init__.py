"""From what a client's config holds to connections: looked at first, shown, then done."""

from __future__ import annotations

from .doing import carry_out, replacing
from .model import ERROR, NOTE, Found, Import, Problem, Wanted
from .planning import answered, prepare

__all__ = [
    "ERROR",
    "NOTE",
    "Found",
    "Import",
    "Problem",
    "Wanted",
    "answered",
    "carry_out",
    "prepare",
    "replacing",
]
