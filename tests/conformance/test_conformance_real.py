"""MCP's official conformance suite against `authwizard test`: every scenario of authorization, one at a time, strictly.

Strict is what the suite says of a single scenario: no failed check, no warning, in time, and an exit code of 0. Where
a client should refuse, the suite lets it end as it likes; here it has to say so. The suite skips a scenario that a
revision does not have and calls that a success; here it is none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from servers.keycloak import wanted

pytestmark = pytest.mark.real("npm")

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
REFUSED: Final = {
    "resource-mismatch": "protected-resource-mismatch",
    "metadata-issuer-mismatch": "as-metadata-issuer-mismatch",
    "scope-retry-limit": "step-up-scope-loop",
    "iss-supported-missing": "authorization-response-issuer-mismatch",
    "iss-wrong-issuer": "authorization-response-issuer-mismatch",
    "iss-unexpected": "authorization-response-issuer-mismatch",
    "iss-normalized": "authorization-response-issuer-mismatch",
}
"""Where no client gets in, for it must not go on or the server never lets it; and the cause that is to be named."""


def suite(*words: str) -> subprocess.CompletedProcess[str]:
    """The suite's own program, with these words."""
    node = wanted("AUTHWIZARD_CI_OIDC", "oidc") / "node_modules/node/bin/node"
    package = (
        wanted("AUTHWIZARD_CI_CONFORMANCE", "conformance") / "node_modules/@modelcontextprotocol/conformance"
    )
    command = [str(node), str(package / "dist/index.js"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@dataclass(frozen=True)
class Ran:
    """What the suite says of one scenario, and what the program said in it."""

    code: int
    said: str
    checks: list[dict[str, Any]]
    answer: dict[str, Any]
    errors: str


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a scenario with these further words of the suite's, once."""

    @cache
    def go(scenario: str, *more: str) -> Ran:
        out = tmp_path_factory.mktemp("out")
        done = suite("client", "--command", CLIENT, "--scenario", f"auth/{scenario}", "-o", str(out), *more)
        said = f"{done.stdout}{done.stderr}"
        assert "SKIPPED" not in said, said
        (held,) = out.glob("auth/*")
        checks = json.loads((held / "checks.json").read_text())
        answer = json.loads((held / "stdout.txt").read_text())
        return Ran(done.returncode, said[-4000:], checks, answer, (held / "stderr.txt").read_text())

    return go


def judge(scenario: str, ran: Ran) -> None:
    bad = [c for c in ran.checks if c["status"] in ("FAILURE", "WARNING")]
    assert not bad, [f"{c['status']} {c['id']}: {c['description']}" for c in bad]
    assert ran.code == 0, ran.said
    assert ran.answer["schema"] == 1
    assert ran.answer.get("ok", False) is (scenario not in REFUSED), ran.answer
    assert "Traceback" not in ran.errors


@pytest.mark.row("A1")
@pytest.mark.parametrize("scenario", [*SCENARIOS, *OLDER, *EXTENSIONS])
def test_the_suite_passes(scenario: str, ran: Run) -> None:
    judge(scenario, ran(scenario))


@pytest.mark.row("A1")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_suite_passes_on_the_stateless_wire(scenario: str, ran: Run) -> None:
    judge(scenario, ran(scenario, "--spec-version", STATELESS))


@pytest.mark.row("A11")
@pytest.mark.parametrize(("scenario", "cause"), list(REFUSED.items()))
def test_a_refusal_names_its_cause(scenario: str, cause: str, ran: Run) -> None:
    answer = ran(scenario).answer
    finding = answer.get("finding") or {"cause": answer.get("error", {}).get("id")}
    assert finding["cause"] == cause


def test_the_list_is_the_suites_own() -> None:
    lines = [line.split() for line in suite("list", "--client").stdout.splitlines() if " auth/" in line]
    revisions = {words[1].removeprefix("auth/"): words[2] for words in lines}
    assert set(revisions) == {*SCENARIOS, *OLDER, *EXTENSIONS}
    assert {name for name, said in revisions.items() if STATELESS in said} == set(SCENARIOS)
    assert (len(SCENARIOS), len(revisions)) == (25, 33)
