"""A word for a shell, in a command that somebody will paste."""

from __future__ import annotations

import os
import shlex


def pasted(word: object) -> str:
    """A word of a command: what stands in it, or comes from outside, is that one word."""
    text = str(word)
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline([text])
    # a shell finds the home only outside of quotes
    return f"~/{shlex.quote(text[2:])}" if text[2:] and text.startswith("~/") else shlex.quote(text)
