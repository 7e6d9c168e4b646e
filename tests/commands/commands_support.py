"""What the tests of the command line share."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.secret import Secret


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


def where_found(secret: Secret, place: Path, *texts: str) -> list[str]:
    """Every file and text that holds the secret: it should be found nowhere but in its own file."""
    needle = secret.reveal()
    found = [f"text {number}" for number, text in enumerate(texts) if needle in text]
    for folder, _, names in os.walk(place):
        for name in names:
            path = Path(folder) / name
            if stat.S_ISREG(path.stat().st_mode) and needle.encode() in path.read_bytes():
                found.append(str(path))
    return found
