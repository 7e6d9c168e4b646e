"""Continue's command line: it connects to every server of its file before it asks a model, which it does not reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from ..judging import Bench, installed

_QUIET: Final = {
    "CONTINUE_API_BASE": "http://127.0.0.1:9/",
    "CONTINUE_TELEMETRY_ENABLED": "0",
}
_MODEL: Final = """
models:
  - name: none
    provider: openai
    model: none
    apiBase: http://127.0.0.1:9/v1
    apiKey: none
"""


class Continue:
    """The program from npm."""

    client = "continue"
    program = "continue"
    projects = False

    def folder(self) -> Path:
        """Where the package is."""
        return installed("continue") / "node_modules" / "@continuedev" / "cli"

    def version(self) -> str:
        """As its package says."""
        return str(json.loads((self.folder() / "package.json").read_text(encoding="utf-8"))["version"])

    def run(self, bench: Bench) -> str:
        """One question, until its servers are connected; the file needs a model."""
        file = bench.file or bench.home / ".continue" / "config.yaml"
        with file.open("a", encoding="utf-8") as stream:
            stream.write(_MODEL)
        words = ("node", self.folder() / "dist" / "cn.js", "-p", "hi")
        return bench.run(words, _QUIET, timeout=90, until=bench.reached)


JUDGE = Continue()
