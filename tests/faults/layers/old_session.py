"""A client that was started before its credential changed."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..entries import entry, reference, remote
from ..fault import Words, fault
from ..world import World


@contextlib.contextmanager
def runs(program: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """A process of this name, with this environment, until the block ends."""
    program.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    process = subprocess.Popen([str(program), "600"], env={"PATH": "/usr/bin:/bin", **environ})
    try:
        while (Path("/proc") / str(process.pid) / "comm").read_text().strip() != program.name:
            assert process.poll() is None
        yield
    finally:
        process.kill()
        process.wait()


@fault("running-session-keeps-old-token", source="openai/codex#14144", herring="token-expires-soon")
def older(world: World) -> Words:
    server = world.protected()
    client = world.pick("claude-code", "cursor", "vscode")
    name = world.pick("NOTES_TOKEN", "MCP_BEARER", "WIKI_API_KEY")
    old = server.issue(exp=1_700_000_000)
    world.env(name, server.issue())
    program = world.pick("claude", "cursor", "code")
    world.enter(runs(world.home / "bin" / program, {name: old, "HOME": str(world.home)}))
    headers = {"Authorization": f"Bearer {reference(client, name)}"}
    return ("doctor", entry(world, client, remote(client, server.mcp, headers)))
