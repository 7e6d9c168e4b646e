"""What the tests of methods share."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def found_in(needles: Sequence[str], place: Path, *texts: str, but: tuple[str, ...] = ()) -> list[str]:
    """Every file and text that holds one of the secrets, but the files whose path holds one of ``but``."""
    found = [f"text {n}" for n, text in enumerate(texts) if any(needle in text for needle in needles)]
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder) / name
            if any(part in str(path) for part in but):
                continue
            content = path.read_bytes()
            found += [str(path) for needle in needles if needle.encode() in content]
    return found


def printing(code: str) -> str:
    """The words of a command that runs this Python code."""
    return shlex.join([sys.executable, "-c", code])
