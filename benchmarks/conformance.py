"""MCP's conformance suite, all 33 scenarios of authorization: `authwizard test` against the MCP SDK's own client.

One scenario at a time, ours and theirs in turn in the same run, each judged strictly by the suite (no failure, no
warning, in time). Compared are how many pass and the wall time of all, the suite's own start included. Bounds: all 33
pass with ours, and 0.65 of the SDK's time. `.ci/servers.sh` installs the suite; AUTHWIZARD_CI_OIDC and
AUTHWIZARD_CI_CONFORMANCE name other places of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / ".ci/built/servers"
NODE = Path(os.environ.get("AUTHWIZARD_CI_OIDC", BUILT / "oidc")) / "node_modules/node/bin/node"
SUITE = (
    Path(os.environ.get("AUTHWIZARD_CI_CONFORMANCE", BUILT / "conformance"))
    / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
)
CLIENTS = {"authwizard": ROOT / "tests/conformance/client.py", "mcp SDK": ROOT / "benchmarks/sdk_client.py"}
SCENARIOS = 33
RATIO_BOUND = 0.65


def suite(*words: str, home: str) -> subprocess.CompletedProcess[str]:
    """The suite's program in an empty home and a clean environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [str(NODE), str(SUITE), *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=home,
        check=False,
    )


def names(home: str) -> list[str]:
    """The scenarios of authorization that this suite has."""
    words = suite("list", "--client", home=home).stdout.split()
    return [word for word in words if word.startswith("auth/")]


def scored(client: Path, scenario: str, home: str) -> tuple[bool, float]:
    """Whether it passes, and the seconds that took."""
    command = f"{sys.executable} {client}"
    began = time.perf_counter()
    done = suite("client", "--command", command, "--scenario", scenario, home=home)
    return done.returncode == 0 and "SKIPPED" not in done.stdout, time.perf_counter() - began


def main() -> int:
    """Print the counts, the seconds and their ratio; exit 1 where a bound is not held."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    if not (NODE.is_file() and SUITE.is_file()):
        sys.exit("the suite is not installed: run .ci/servers.sh")
    seconds = dict.fromkeys(CLIENTS, 0.0)
    failed: dict[str, list[str]] = {name: [] for name in CLIENTS}
    with tempfile.TemporaryDirectory() as home:
        scenarios = names(home)
        if len(scenarios) != SCENARIOS:
            sys.exit(f"the suite has {len(scenarios)} scenarios of authorization, not {SCENARIOS}")
        for client in CLIENTS.values():  # warms the caches of compiled files
            scored(client, scenarios[0], home)
        for scenario in scenarios:
            for name, client in CLIENTS.items():
                passed, took = scored(client, scenario, home)
                seconds[name] += took
                failed[name] += [] if passed else [scenario]
    ours, theirs = CLIENTS
    ratio = seconds[ours] / seconds[theirs]
    passes = {name: SCENARIOS - len(failed[name]) for name in CLIENTS}
    if given.json:
        took = {name: round(value, 1) for name, value in seconds.items()}
        print(json.dumps({"passed": passes, "failed": failed, "seconds": took, "ratio": round(ratio, 3)}))
    else:
        for name in CLIENTS:
            words = f"; not: {', '.join(failed[name])}" if failed[name] else ""
            print(f"{name}: {passes[name]} of {SCENARIOS} in {seconds[name]:.1f} s{words}")
        print(f"{ratio:.2f} of the SDK's time (bound {RATIO_BOUND})")
    return 0 if not failed[ours] and ratio <= RATIO_BOUND else 1


if __name__ == "__main__":
    raise SystemExit(main())
