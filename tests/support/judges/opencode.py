"""OpenCode: `opencode mcp list` connects to every server of its files."""

from __future__ import annotations

from pathlib import Path

from ..judging import Bench, installed, printed

QUIET = {
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
    "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
    "OPENCODE_PURE": "1",
}


def program() -> Path:
    """The program itself; the package's script would start it by Node.js."""
    return installed("opencode") / "node_modules" / "opencode-linux-x64" / "bin" / "opencode"


class OpenCode:
    """The program from npm, without plugins, and asking for nothing."""

    client = "opencode"
    program = "opencode"
    projects = True

    def version(self) -> str:
        """As it says itself."""
        return printed([program(), "--version"], QUIET).strip()

    def run(self, bench: Bench) -> str:
        """`opencode mcp list`."""
        return bench.run([program(), "mcp", "list"], QUIET)


JUDGE = OpenCode()
