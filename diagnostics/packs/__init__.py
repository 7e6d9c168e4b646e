"""What identity providers and vendors say in refusals, as data: texts and codes, and the cause that each names.

A file for each lies beside this one; `docs/adding-a-refusal.md` says how a text is added. `said` reads what was heard
in a run (`diagnostics.facts.refused.Refusals`) and asks nothing of the world. No file is read before something is
heard.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from .hearing import Said, said
from .model import Pack, Saying
from .parse import parse

__all__ = ["Pack", "Said", "Saying", "load", "parse", "places", "read", "said"]

_HERE: Final = Path(__file__).parent


def load() -> tuple[Pack, ...]:
    """Every pack, in the order of their names."""
    return tuple(read(place) for place in places())


@cache
def places() -> tuple[Path, ...]:
    """The packs' files."""
    return tuple(sorted(_HERE.glob("*.toml")))


@cache
def read(place: Path) -> Pack:
    """One of them."""
    return parse(place.read_text(encoding="utf-8"), place.name)
