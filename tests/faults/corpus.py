"""One fault or one healthy system, run by the command line in this process, and what the doctor made of it."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands.main import main

from .fault import Arrange
from .world import Variant, World


@dataclass(frozen=True)
class Outcome:
    """What came of one run: the causes named, the first one first, with how sure each is; what else was noticed."""

    code: int
    causes: tuple[str, ...]
    certainties: tuple[str, ...]
    warnings: tuple[str, ...]
    document: Any
    seconds: float

    @property
    def first(self) -> str:
        """The root cause, as it was named."""
        return self.causes[0] if self.causes else ""

    def noticed(self, cause: str) -> bool:
        """Whether the rule of a cause spoke, wherever its word was put in the end."""
        if cause in self.causes or cause in self.warnings:
            return True
        if any(cause in f["explains"] for f in self.document.get("findings", ())):
            return True
        if "ruled_out" not in self.document:
            return False
        silent = {*self.document["ruled_out"], *(n["cause"] for n in self.document["not_examined"])}
        return cause not in silent


@contextmanager
def arranged(
    arrange: Arrange, variant: Variant, home: Path, patch: pytest.MonkeyPatch
) -> Iterator[tuple[str, ...]]:
    """The command line that meets the fault, while it is there."""
    with ExitStack() as stack:
        yield arrange(World(variant, home, patch, stack))


def outcome(words: tuple[str, ...]) -> Outcome:
    """Run the command line, with ``--json``."""
    said = io.StringIO()
    began = time.perf_counter()
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        code = main([*words, "--json"])
    seconds = time.perf_counter() - began
    document = json.loads(said.getvalue())
    found = document.get("findings")
    if found is None:
        found = [document["finding"]] if document.get("finding") else []
    return Outcome(
        code,
        tuple(f["cause"] for f in found),
        tuple(f["certainty"] for f in found),
        tuple(w["cause"] for w in document.get("warnings", ())),
        document,
        seconds,
    )
