"""The Python program that is written, run where openai's package is installed."""

from __future__ import annotations

import subprocess

from ..judging import Bench, installed


class Program:
    """The program itself is the judge."""

    client = "openai"
    program = "openai"
    projects = False
    file = "ask.py"

    def version(self) -> str:
        """The package's."""
        code = "import importlib.metadata as m; print(m.version('openai-agents'))"
        python = installed("openai") / "bin/python"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        return str(done.stdout).strip()

    def run(self, bench: Bench) -> str:
        """It prints the names of the tools, of which there are none."""
        assert bench.file is not None
        return bench.run(
            [installed("openai") / "bin/python", bench.file], {"OPENAI_AGENTS_DISABLE_TRACING": "1"}
        )


JUDGE = Program()
