"""Gemini CLI: `gemini mcp list` connects to every server of its files."""

from __future__ import annotations

from pathlib import Path

from ..judging import Bench, installed, printed

QUIET = {"GEMINI_CLI_TRUST_WORKSPACE": "true", "GEMINI_CLI_NO_RELAUNCH": "true", "NO_BROWSER": "1"}


def program() -> Path:
    """The package's script."""
    return installed("gemini") / "node_modules" / ".bin" / "gemini"


class Gemini:
    """The program from npm; the folder counts as trusted."""

    client = "gemini"
    program = "gemini"
    projects = True

    def version(self) -> str:
        """As it says itself."""
        return printed([program(), "--version"], QUIET).strip()

    def run(self, bench: Bench) -> str:
        """`gemini mcp list`."""
        return bench.run([program(), "mcp", "list"], QUIET)


JUDGE = Gemini()
