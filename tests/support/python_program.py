"""A Python program that is written, run where its package is installed: the program itself is the judge."""

from __future__ import annotations

from dataclasses import dataclass

from .judging import Bench, installed, printed


@dataclass(frozen=True)
class PythonProgram:
    """``client`` is our client's id and the program's name, ``package`` what the program is written for."""

    client: str
    package: str
    projects: bool = False
    file: str = "ask.py"

    @property
    def program(self) -> str:
        """The name of its marker."""
        return self.client

    def version(self) -> str:
        """The package's."""
        code = f"import importlib.metadata as m; print(m.version({self.package!r}))"
        return printed([installed(self.program) / "bin/python", "-c", code]).strip()

    def run(self, bench: Bench) -> str:
        """It prints the names of the tools, of which there are none."""
        assert bench.file is not None
        words = [installed(self.program) / "bin/python", bench.file]
        return bench.run(words, {"OPENAI_AGENTS_DISABLE_TRACING": "1"})
