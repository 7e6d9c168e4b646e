"""A Fleet-like server as a process of its own, and a disk without room."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SERVER = """
import asyncio, json, os, sys
import uvicorn
from pathlib import Path
from wizard.secret import Secret
from sandbox.fleet import FleetSite

place = Path(os.environ["FLEET_MCP_AUTH_TOKEN_FILE"])

class OwnFile(FleetSite):
    # reads the token that is there, as the server of the document does when it starts
    def _write(self, token):
        self._token = Secret(json.loads(place.read_text())["value"])

async def serve():
    sock = __import__("socket").socket(fileno=int(sys.argv[1]))
    site = OwnFile("http://127.0.0.1", asyncio.Event(), place.parent)
    config = uvicorn.Config(site.app(()), log_level="critical", ws="none", lifespan="off")
    await uvicorn.Server(config).serve([sock])

asyncio.run(serve())
"""


@contextmanager
def fleet_process(token_file: Path) -> Iterator[str]:
    """The practice Fleet server in a process whose environment names its token file; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        child = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(listening.fileno())],
            env={**os.environ, "PYTHONPATH": str(_ROOT), "FLEET_MCP_AUTH_TOKEN_FILE": str(token_file)},
            pass_fds=[listening.fileno()],
        )
    # the socket listens already: what is asked before the server is ready waits in its queue
    try:
        yield url
    finally:
        child.terminate()
        child.wait(10)


@contextmanager
def full_disk(place: Path) -> Iterator[None]:
    """A small disk at a folder, filled to its last byte."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8k,mode=0700", "none", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        assert not os.environ.get("CI"), made.stderr.decode()
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.decode().strip()}")
    try:
        filler = os.open(place / "filler", os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError, match="space"):
            while os.write(filler, b"x" * 4096):
                pass
        os.close(filler)
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)
