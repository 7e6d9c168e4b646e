"""The causes that the doctor can name: one module for each layer, each rule a pure function over facts.

To add one: put a function into the module of its layer, its parameters being the facts that it needs
(`diagnostics.facts`), decorate it with `cause`, and return `proven(...)`, `likely(...)` or None. Then add its fault
to the tests. A new layer is a new module here and a name in `book.LAYERS`.
"""

from __future__ import annotations

from . import (
    audience,
    client_config,
    dns,
    env,
    header,
    http,
    rate_limit,
    scope,
    server_misconfig,
    tcp,
    tls,
    token_format,
    token_time,
)
from .book import LAYERS, REGISTRY, Cause, Verdict, get

__all__ = ["LAYERS", "REGISTRY", "Cause", "Verdict", "every", "get"]


def every() -> tuple[Cause, ...]:
    """Every cause, in the order of judgement."""
    from .book import ordered

    return ordered()
