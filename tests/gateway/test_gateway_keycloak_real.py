"""A real Keycloak before the practice gateway: its tokens open what their groups open, and the doctor says why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from practice_gateway import diagnosed, target_of
from servers.keycloak import Keycloak

from diagnostics import report
from diagnostics.causes.book import REGISTRY
from diagnostics.target import Target
from sandbox import practice
from sandbox.practice import Practice
from wizard.gateway import listing
from wizard.transport import Transport

pytestmark = pytest.mark.real("java")


@pytest.fixture
def trusting(keycloak: Keycloak, home: object) -> Iterator[Practice]:
    """A practice gateway that believes this Keycloak's realm."""
    with practice.start(trusted=keycloak.realm_url) as started:
        yield started


def of_client(running: Practice, server: Keycloak, name: str, behind: str = "mcpgw") -> Target:
    token = server.token(name)
    return target_of(running, behind, token=token, keycloak_url=server.url, client_id=name)


@pytest.mark.row("G1", "G11")
async def test_the_tokens_of_the_realm_open_what_their_groups_open(
    trusting: Practice,
    keycloak: Keycloak,
) -> None:
    target = of_client(trusting, keycloak, "mcp-gateway-m2m", "atlassian")
    found = await diagnosed(target)
    assert (found.verdict, found.findings) == ("healthy", ()), report.text(found)
    assert target.service is not None
    base = trusting.services["gateway"].url
    async with Transport(timeout=10) as transport:
        listed = await listing.listed(target.service, base, target.entry.headers, transport)  # type: ignore[union-attr]  # a gateway's entry is remote
    assert [s.name for s in listed] == ["atlassian", "currenttime", "fininfo", "mcpgw", "public"]


CASES = [
    ("spelled-with-underscores", ("mcp_servers_unrestricted",), False, "mcpgw", "group-name-case-or-hyphen"),
    ("spelled-with-capitals", ("mcp-servers-Unrestricted",), False, "mcpgw", "group-name-case-or-hyphen"),
    ("with-a-path", ("mcp-servers-unrestricted",), True, "mcpgw", "group-leading-slash-path"),
    ("of-another-group", ("developers",), False, "mcpgw", "group-to-scope-mapping-missing"),
    ("of-the-lesser-group", ("mcp-servers-restricted",), False, "atlassian", "user-not-in-group"),
]


@pytest.mark.row("G4", "G7")
async def test_each_group_that_does_not_open_it_is_told_apart(
    trusting: Practice,
    keycloak: Keycloak,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, groups, full_path, behind, cause in CASES:
        keycloak.add_client(name, groups=groups, full_path=full_path)
        target = of_client(trusting, keycloak, name, behind)
        found = await diagnosed(target)
        assert found.findings, report.text(found)
        assert found.findings[0].cause == cause, report.text(found)
        with monkeypatch.context() as patch:
            patch.delitem(REGISTRY, cause)
            without = await diagnosed(target)
        assert cause not in [f.cause for f in without.findings]
