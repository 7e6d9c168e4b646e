"""Texts with fields in curly braces: ``Bearer {token}``."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(r"\{([A-Za-z_][\w.\-]*)\}")


def parts(template: str) -> tuple[tuple[str, bool], ...]:
    """The template in pieces: (text, False) as it stands, (name, True) for a field.

    Raises:
        ValueError: a brace that belongs to no field.
    """
    found: list[tuple[str, bool]] = []
    for index, piece in enumerate(_NAME.split(template)):
        if index % 2:
            found.append((piece, True))
        elif piece:
            if "{" in piece or "}" in piece:
                raise ValueError("a brace that belongs to no field")
            found.append((piece, False))
    return tuple(found)


def names(template: str) -> tuple[str, ...]:
    """The fields that a template names, in order. Raises ValueError as `parts` does."""
    return tuple(text for text, is_field in parts(template) if is_field)
