"""Copilot CLI: with a model of one's own it needs no login, and connects to its servers before it asks that model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from ..judging import Bench, installed, printed

_QUIET: Final = {
    "COPILOT_OFFLINE": "true",
    "COPILOT_PROVIDER_BASE_URL": "http://127.0.0.1:9/v1",
    "COPILOT_MODEL": "none",
    "COPILOT_AUTO_UPDATE": "false",
}


def quiet() -> dict[str, str]:
    """Its variables; it unpacks itself into a cache, once for all."""
    return {**_QUIET, "XDG_CACHE_HOME": str(installed("copilot") / "cache")}


def program() -> Path:
    """The program itself; the package's script would start it by Node.js."""
    return installed("copilot") / "node_modules" / ".bin" / "copilot-linux-x64"


def trust(home: Path, folder: Path) -> None:
    """The folder counts as trusted."""
    config = home / ".copilot" / "config.json"
    config.parent.mkdir(exist_ok=True)
    config.write_text(json.dumps({"trusted_folders": [str(folder)]}), encoding="utf-8")


class CopilotCLI:
    """The program from npm; no model answers."""

    client = "copilot-cli"
    program = "copilot"
    projects = True

    def version(self) -> str:
        """As it says itself."""
        return printed([program(), "--version"], quiet()).splitlines()[0].split()[-1].rstrip(".")

    def run(self, bench: Bench) -> str:
        """One question, until its servers are connected."""
        trust(bench.home, Path.cwd())
        return bench.run([program(), "-p", "hi"], quiet(), timeout=90, until=bench.reached)


JUDGE = CopilotCLI()
