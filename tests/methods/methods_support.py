"""What the tests of methods share."""

from __future__ import annotations

import shlex
import sys


def printing(code: str) -> str:
    """The words of a command that runs this Python code."""
    return shlex.join([sys.executable, "-c", code])
