"""Where secrets come from (`Source`) and where they are kept (`Store`)."""

from __future__ import annotations

from .sources import Source, keepable, parse_source
from .stores import (
    Store,
    check_keeps,
    default_store,
    forget,
    free_field,
    get_store,
    kept_by,
    place_of,
    stores,
)

__all__ = [
    "Source",
    "Store",
    "check_keeps",
    "default_store",
    "forget",
    "free_field",
    "get_store",
    "keepable",
    "kept_by",
    "parse_source",
    "place_of",
    "stores",
]
