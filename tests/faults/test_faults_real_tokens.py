"""Tokens of a real Keycloak, and a real server that refuses them: with its own audience, and by another name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from servers.keycloak import Keycloak
from servers.real import free_port, running
from support.running import Put, Run

from diagnostics.causes.book import REGISTRY
from wizard.secret import Secret

pytestmark = pytest.mark.real("java")

ACCOUNT = "audience-keycloak-account-or-missing"
HOSTNAME = "issuer-hostname-mismatch-keycloak"


@contextmanager
def served(keycloak: Keycloak, *, audience: str = "", issuer: str = "") -> Iterator[str]:
    """FastMCP behind Keycloak, with its metadata; it takes tokens for its own address unless told otherwise."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    issuer = issuer or keycloak.realm_url
    wanted = {"jwks_uri": keycloak.jwks(), "issuer": issuer, "audience": audience or url}
    with running(
        "fastmcp_server.py",
        port,
        str(port),
        "jwt-metadata",
        SERVER_VERIFIER=json.dumps(wanted),
        SERVER_ISSUER=issuer,
    ):
        yield url


@pytest.fixture(scope="module")
def with_account(keycloak: Keycloak) -> str:
    """A client whose tokens have Keycloak's own audience alone, as those of a person with the default roles have."""
    name = "account-alone"
    keycloak.add_client(name, mapper="")
    return name


def test_the_audience_account_is_named_with_what_to_send_to_the_admin(
    keycloak: Keycloak, with_account: str, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = keycloak.token(with_account)
    with served(keycloak) as url:
        done = run("doctor", url, "--credential", put(token), "--json")
        first = done.json["findings"][0]
        assert (done.code, first["cause"], first["certainty"]) == (1, ACCOUNT, "proven"), done.out
        assert first["title"].startswith(f"Your token's audience is `account`. This server wants `{url}`.")
        told = " ".join(first["fix"])
        assert "To Keycloak's admin" in told and "Included Custom Audience" in told and url in told
        monkeypatch.delitem(REGISTRY, ACCOUNT)
        assert ACCOUNT not in run("doctor", url, "--credential", put(token), "--json").causes


def test_the_person_says_which_audience_is_wanted(
    keycloak: Keycloak, with_account: str, run: Run, put: Put
) -> None:
    token = keycloak.token(with_account)
    with served(keycloak, audience="tools-api") as url:
        done = run("doctor", url, "--credential", put(token), "--audience", "tools-api", "--json")
        assert done.causes[0] == ACCOUNT, done.out
        assert "`tools-api`" in done.json["findings"][0]["title"]


def test_the_same_realm_by_another_host_name(
    keycloak: Keycloak, with_account: str, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = keycloak.token(with_account, host="localhost")
    with served(keycloak, audience="account") as url:
        done = run("doctor", url, "--credential", put(token), "--json")
        first = done.json["findings"][0]
        assert (done.code, first["cause"], first["certainty"]) == (1, HOSTNAME, "proven"), done.out
        monkeypatch.delitem(REGISTRY, HOSTNAME)
        assert HOSTNAME not in run("doctor", url, "--credential", put(token), "--json").causes


def test_a_token_of_keycloak_is_explained(keycloak: Keycloak, run: Run, put: Put) -> None:
    token: Secret = keycloak.token("mcp-gateway-m2m")
    told = run("token", put(token), "--json").json
    assert told["use"] == {"kind": "access", "by": "typ Bearer"}
    assert told["groups"]
