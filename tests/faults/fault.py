"""What a fault is, and the books that hold them all: one for each cause, and the healthy systems beside them.

To add one: write a function into the module of its layer (`faults/layers/`), which arranges the fault in a `World` and
returns the command line to run, and decorate it with `fault`. It is run in three variants; `World.pick` and
`World.variant` make them differ. Nothing that it arranges may tell the doctor the cause by its name.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from wizard.livetest import PROVEN

from .world import World

Words = tuple[str, ...]
Arrange = Callable[[World], Words]
OPEN_FILE: Final = "token-file-too-permissive"


@dataclass(frozen=True)
class Fault:
    """One way to go wrong. ``source`` is the report or document that it is taken from. ``herring`` is another cause
    whose rule notices something here that explains nothing; empty where the command gives no place to it. ``alone``
    is False where no single party can prove it; then ``certainty`` is the highest that is honest. ``advice`` is True
    for what is not well though it works: it is warned of, and nothing else."""

    cause: str
    arrange: Arrange
    source: str
    herring: str
    certainty: str
    alone: bool
    advice: bool = False


@dataclass(frozen=True)
class System:
    """One that is well: nothing may be found, and nothing warned of but ``warned``."""

    name: str
    arrange: Arrange
    warned: tuple[str, ...]


FAULTS: Final[dict[str, Fault]] = {}
SYSTEMS: Final[dict[str, System]] = {}


def fault(
    cause: str,
    *,
    source: str,
    herring: str = OPEN_FILE,
    certainty: str = PROVEN,
    alone: bool = True,
    advice: bool = False,
) -> Callable[[Arrange], Arrange]:
    """Enter what arranges the fault of this cause."""

    def enter(arrange: Arrange) -> Arrange:
        if cause in FAULTS:
            raise ValueError(f"{cause} has a fault already")
        FAULTS[cause] = Fault(cause, arrange, source, herring, certainty, alone, advice)
        return arrange

    return enter


def system(*, warned: tuple[str, ...] = ()) -> Callable[[Arrange], Arrange]:
    """Enter what arranges a healthy system; it is named by its function."""

    def enter(arrange: Arrange) -> Arrange:
        name = arrange.__name__.replace("_", "-")
        if name in SYSTEMS:
            raise ValueError(f"{name} is there already")
        SYSTEMS[name] = System(name, arrange, warned)
        return arrange

    return enter


def load() -> None:
    """Read every module of faults and of systems."""
    for folder in ("layers", "systems"):
        for module in pkgutil.iter_modules([str(Path(__file__).with_name(folder))]):
            import_module(f"faults.{folder}.{module.name}")
