"""MCP's official conformance suite against `authwizard test`: every scenario of authorization, one at a time, strictly.

Strict is what the suite says of a single scenario: no failed check, no warning, in time, and an exit code of 0. Where
a client should refuse, the suite lets it end as it likes; here it has to say so. The suite skips a scenario that a
revision does not have and calls that a success; here it is none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from servers.keycloak import wanted

pytestmark = pytest.mark.real("npm")
pending = pytest.mark.xfail(reason="the interactive flow is being built", strict=False)

CLIENT: Final = f"{sys.executable} {Path(__file__).with_name('client.py')}"
STATELESS: Final = "2026-07-28"

SCENARIOS: Final = (
    *("metadata-default", "metadata-var1", "metadata-var2", "metadata-var3", "basic-cimd"),
    *("scope-from-www-authenticate", "scope-from-scopes-supported", "scope-omitted-when-undefined"),
    *("scope-step-up", "scope-retry-limit"),
    *(
        "token-endpoint-auth-basic",
        "token-endpoint-auth-post",
        "token-endpoint-auth-none",
        "pre-registration",
    ),
    *("resource-mismatch", "offline-access-scope", "offline-access-not-supported"),
    *("authorization-server-migration", "iss-supported", "iss-not-advertised", "iss-supported-missing"),
    *("iss-wrong-issuer", "iss-unexpected", "iss-normalized", "metadata-issuer-mismatch"),
)
"""Those that the revision 2026-07-28 has."""

OLDER: Final = ("2025-03-26-oauth-metadata-backcompat", "2025-03-26-oauth-endpoint-fallback")
EXTENSIONS: Final = (
    *("client-credentials-jwt", "client-credentials-basic", "enterprise-managed-authorization"),
    *("dpop", "dpop-nonce", "wif-jwt-bearer"),
)
REFUSED: Final = frozenset(
    {
        *("resource-mismatch", "metadata-issuer-mismatch", "scope-retry-limit"),
        *("iss-supported-missing", "iss-wrong-issuer", "iss-unexpected", "iss-normalized"),
    }
)
"""Where no client gets in: either it must not go on, or the server never lets it."""


def suite(*words: str) -> subprocess.CompletedProcess[str]:
    """The suite's own program, with these words."""
    node = wanted("AUTHWIZARD_CI_OIDC", "oidc") / "node_modules/node/bin/node"
    package = (
        wanted("AUTHWIZARD_CI_CONFORMANCE", "conformance") / "node_modules/@modelcontextprotocol/conformance"
    )
    command = [str(node), str(package / "dist/index.js"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def passes(scenario: str, out: Path, *more: str) -> None:
    """Assert that the suite passes the program in this scenario, and that the program says the same."""
    words = ("client", "--command", CLIENT, "--scenario", f"auth/{scenario}", "-o", str(out), *more)
    done = suite(*words)
    said = f"{done.stdout}{done.stderr}"[-4000:]
    held = list(out.glob("auth/*"))
    assert len(held) == 1 and "SKIPPED" not in said, said
    checks = json.loads((held[0] / "checks.json").read_text())
    bad = [
        f"{c['status']} {c['id']}: {c['description']}"
        for c in checks
        if c["status"] in ("FAILURE", "WARNING")
    ]
    assert done.returncode == 0, f"{bad}\n{said}"
    assert not bad
    answer = json.loads((held[0] / "stdout.txt").read_text())
    assert answer["schema"] == 1
    assert answer["ok"] is (scenario not in REFUSED), answer
    assert "Traceback" not in (held[0] / "stderr.txt").read_text()


@pending
@pytest.mark.row("A1")
@pytest.mark.parametrize("scenario", [*SCENARIOS, *OLDER, *EXTENSIONS])
def test_the_suite_passes(scenario: str, tmp_path: Path) -> None:
    passes(scenario, tmp_path / "out")


@pending
@pytest.mark.row("A1")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_suite_passes_on_the_stateless_wire(scenario: str, tmp_path: Path) -> None:
    passes(scenario, tmp_path / "out", "--spec-version", STATELESS)


def test_the_list_is_the_suites_own() -> None:
    lines = [line.split() for line in suite("list", "--client").stdout.splitlines() if " auth/" in line]
    revisions = {words[1].removeprefix("auth/"): words[2] for words in lines}
    assert set(revisions) == {*SCENARIOS, *OLDER, *EXTENSIONS}
    assert {name for name, said in revisions.items() if STATELESS in said} == set(SCENARIOS)
    assert (len(SCENARIOS), len(revisions)) == (25, 33)
