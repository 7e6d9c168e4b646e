"""What judges an answer or a file from outside must not fall over it: what raises is told, and the rest goes on.

In tests (``AUTHWIZARD_RAISE`` is set there) it is raised all the same, so that a mistake of our own is seen.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

_T = TypeVar("_T")
RAISE: Final = "AUTHWIZARD_RAISE"


@dataclass(frozen=True, slots=True)
class Broke:
    """What was asked raised; ``why`` is a short clause that quotes nothing from outside."""

    why: str


def tried(what: Callable[..., _T], *args: object, **named: object) -> _T | Broke:
    """What the function gives; `Broke` where it raises."""
    try:
        return what(*args, **named)
    except Exception as error:
        if os.environ.get(RAISE):
            raise
        return Broke(f"what was found could not be judged ({type(error).__name__})")


def either(otherwise: _T, what: Callable[..., _T], *args: object) -> _T:
    """What the function gives, else something in its place."""
    found = tried(what, *args)
    return otherwise if isinstance(found, Broke) else found
