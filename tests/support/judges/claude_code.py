"""Claude Code: `claude mcp list` connects to every server of its files."""

from __future__ import annotations

import json
from pathlib import Path

from ..judging import Bench, installed, printed

QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
}


class ClaudeCode:
    """The program from npm; the folder counts as trusted, its servers as approved."""

    client = "claude-code"
    program = "claude"
    projects = True

    def version(self) -> str:
        """As it says itself."""
        return printed([installed("claude"), "--version"], QUIET).split()[0]

    def run(self, bench: Bench) -> str:
        """`claude mcp list`."""
        settings = bench.home / ".claude" / "settings.json"
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(json.dumps({"enableAllProjectMcpServers": True}), encoding="utf-8")
        own = bench.home / ".claude.json"
        state = json.loads(own.read_text(encoding="utf-8")) if own.exists() else {}
        state.setdefault("projects", {}).setdefault(str(Path.cwd()), {})["hasTrustDialogAccepted"] = True
        own.write_text(json.dumps(state), encoding="utf-8")
        return bench.run([installed("claude"), "mcp", "list"], QUIET)


JUDGE = ClaudeCode()
