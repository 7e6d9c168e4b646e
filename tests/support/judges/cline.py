"""Cline's command line: it connects to every server of its file before it asks a model, which is out of reach here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..judging import Bench, installed, printed

QUIET: Final = {
    "DO_NOT_TRACK": "1",
    "CLINE_SESSION_BACKEND_MODE": "local",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
_MODEL: Final = ("-P", "openai", "-k", "none", "-m", "none")


class Cline:
    """The program from npm."""

    client = "cline"
    program = "cline"
    projects = False

    def ask(self, bench: Bench, until: Callable[[], bool]) -> str:
        """One question, until something is seen."""
        return bench.run([self.binary(), "--json", *_MODEL, "say hi"], QUIET, timeout=90, until=until)

    def binary(self) -> Path:
        """The program itself, behind the script that chooses it by the system."""
        return next(installed("cline").glob("node_modules/@cline/cli-*/bin/cline"))

    def version(self) -> str:
        """As it says itself."""
        return printed([self.binary(), "--version"], QUIET).strip()

    def run(self, bench: Bench) -> str:
        """One question, until its servers are connected."""
        return self.ask(bench, bench.reached)

    def listed(self, bench: Bench) -> str:
        """What it says of its file: a JSON list of the servers, or why it takes none."""
        return bench.run([self.binary(), "config", "mcp", "--json"], QUIET, timeout=90)


JUDGE = Cline()
