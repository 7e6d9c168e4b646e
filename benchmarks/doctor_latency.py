"""How long a diagnosis waits: 200 ms are added to every answer of a protected MCP server and its authorization server.

Each case is diagnosed in a fresh process. The chain is the most answers of which each was asked for only after the one
before it was there, as the server saw them; beside it stands which probe waited for which. Bounds: the chain is at most
4, and the diagnosis takes at most (chain + 0.5) x 200 ms, by the median of the runs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

DELAY: Final = 0.2
CHAIN_BOUND: Final = 4
SLACK: Final = 0.5
_TOKEN: Final = "AUTHWIZARD_BENCHMARK_TOKEN"


@dataclass
class Seen:
    """When each request came, and when its answer went, in seconds; and which it was."""

    spans: list[tuple[float, float, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def chain(self) -> list[str]:
        """The longest row of requests of which each came after the answer before it."""
        best: list[tuple[float, list[str]]] = []
        for began, ended, what in sorted(self.spans):
            before = max((row for end, row in best if end <= began), key=len, default=[])
            best.append((ended, [*before, what]))
        return max((row for _, row in best), key=len, default=[])


@contextmanager
def delayed(path: str, claims: Mapping[str, object]) -> Iterator[tuple[str, str, Seen]]:
    """The server's address, a token for it, and what it sees."""
    from oddities.odd_server import Asked, Odd, OddServer
    from servers.scripted import Asked as Request
    from servers.scripted import Reply, scripted

    both: list[OddServer] = []
    seen = Seen()
    said = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "x", "version": "1"}}
    begun = Reply(body={"jsonrpc": "2.0", "id": 1, "result": said}, headers=(("Mcp-Session-Id", "one"),))

    def answering(request: Request) -> Reply:
        began = time.perf_counter()
        place = both[0].places.get((request.host, request.path), f"{request.host}{request.path}")
        reply = both[0].answer(Asked(request.method, place, request.headers, request.form, request.message))
        time.sleep(DELAY)
        with seen.lock:
            seen.spans.append((began, time.perf_counter(), f"{request.method} {request.path}"))
        return reply

    with scripted(answering) as site:
        both.append(OddServer(Odd(instead={"accepted": begun}), site.port, path=path))
        token = both[0].issue(**claims) if claims.get("given", True) else ""
        yield both[0].mcp, token, seen


def child(url: str) -> dict[str, Any]:
    """One diagnosis in this process: its seconds, its first cause, and when each probe began and ended."""
    from diagnostics import doctor, targets
    from wizard.secret import Secret
    from wizard.transport import Transport

    gc.set_threshold(200_000)  # as the program does (commands/main.py)
    given = os.environ.get(_TOKEN, "")
    times: dict[str, list[float]] = {}

    def heard(state: doctor.ProbeState) -> None:
        if state.state != "waiting":
            times.setdefault(state.id, []).append(time.perf_counter())

    async def diagnosed() -> doctor.Diagnosis:
        async with Transport(timeout=10) as transport:
            target = targets.from_url(url, credential=Secret(given) if given else None)
            return await doctor.diagnose(target, transport, on_probe=heard)

    found = asyncio.run(diagnosed())
    return {
        "seconds": found.seconds,
        "verdict": found.verdict,
        "first": found.findings[0].cause if found.findings else "",
        "waited": waited(times),
    }


def waited(times: Mapping[str, list[float]]) -> list[str]:
    """From the probe that ended last back to the first: each waited for the one before it in the list."""
    from diagnostics import probes
    from diagnostics.engine import needs

    gives = {p.gives: p for p in probes.every()}
    ran = {name: marks for name, marks in times.items() if len(marks) == 2}
    row: list[str] = []
    at = max(ran, key=lambda name: ran[name][1], default="")
    while at:
        row.insert(0, f"{at} {ran[at][1] - ran[at][0]:.2f} s")
        probe = next(p for p in probes.every() if p.id == at)
        before = [gives[n.kind].id for n in needs(probe.run) if n.kind in gives and gives[n.kind].id in ran]
        at = max(before, key=lambda name: ran[name][1], default="")
    return row


CASES: Final[Mapping[str, tuple[str, Mapping[str, object]]]] = {
    "a good token": ("/mcp", {}),
    "a token for somebody else": ("/mcp", {"aud": "https://api.acme.test"}),
    "a token that has expired": ("/mcp", {"exp": 1_700_000_000}),
    "no token": ("/mcp", {"given": False}),
    "a path that does not say MCP": ("/api/tools", {"aud": "https://api.acme.test"}),
}


def run(name: str) -> tuple[dict[str, Any], list[str]]:
    """One case, once."""
    path, claims = CASES[name]
    with delayed(path, claims) as (url, token, seen):
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
        done = subprocess.run(
            [sys.executable, __file__, "--child", url],
            env={**environment, _TOKEN: token},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout), seen.chain()


def main() -> int:
    """Print each case; exit 1 where a bound is not held."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--child", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        print(json.dumps(child(given.child)))
        return 0
    failed = False
    for name in CASES:
        run(name)  # compiles what it loads
        runs = [run(name) for _ in range(given.runs)]
        found, _ = runs[0]
        chain = max((row for _, row in runs), key=len)
        seconds = statistics.median(one["seconds"] for one, _ in runs)
        bound = (len(chain) + SLACK) * DELAY
        held = len(chain) <= CHAIN_BOUND and seconds <= bound
        failed = failed or not held
        print(f"{name}: {found['verdict']} {found['first']}".rstrip())
        print(f"  chain {len(chain)} (at most {CHAIN_BOUND}): {' -> '.join(chain)}")
        print(f"  waited: {' -> '.join(found['waited'])}")
        print(f"  {seconds:.3f} s, at most {bound:.3f} s{'' if held else '  NOT HELD'}")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
