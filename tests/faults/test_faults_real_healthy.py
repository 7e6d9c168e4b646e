"""Real systems that are well: nothing may be found at them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from servers.keycloak_people import People
from servers.oidc_provider import OpenIdProvider
from servers.protected import Protected
from servers.real import free_port, running
from support import login_browser
from support.running import Put, Ran, Run

from wizard.secret import Secret


@dataclass(frozen=True)
class Introspecting:
    """The MCP SDK's server, which asks Keycloak about each token; and the client that gets one."""

    url: str
    people: People


@pytest.fixture(scope="module")
def introspecting(people: People) -> Iterator[Introspecting]:
    port = free_port()
    id, secret = people.client("app")
    asked = {
        "issuer": people.issuer,
        "endpoint": people.token_endpoint.removesuffix("/token") + "/token/introspect",
        "client_id": id,
        "client_secret": secret.reveal(),
    }
    url = f"http://127.0.0.1:{port}/mcp"
    # Keycloak says `active: false` of a token that is not for the client that asks
    (found,) = people.admin("GET", "/clients?clientId=stranger")
    for number, config in enumerate(({"included.client.audience": id}, {"included.custom.audience": url})):
        mapper = {
            "name": f"for the server {number}",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {**config, "access.token.claim": "true", "introspection.token.claim": "true"},
        }
        people.admin("POST", f"/clients/{found['id']}/protocol-mappers/models", mapper)
    with running("sdk_server.py", port, str(port), "http", SERVER_INTROSPECTION=json.dumps(asked)):
        yield Introspecting(url, people)


def _well(found: Ran) -> None:
    assert (found.code, found.json["findings"]) == (0, []), found.out
    assert found.json["verdict"] == "healthy"


@pytest.mark.real("npm")
@pytest.mark.row("A8")
def test_fastmcp_behind_oidc_provider(
    oidc: OpenIdProvider, oidc_protected: Protected, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", f"{sys.executable} {login_browser.__file__}")
    monkeypatch.setenv("LOGIN_USERNAME", "alice")
    _well(run("doctor", oidc_protected.url, "--login", "--json", "--timeout", "60"))
    _well(run("doctor", oidc_protected.url, "--json"))


@pytest.mark.real("java")
@pytest.mark.row("A8")
def test_the_sdks_server_that_introspects_at_keycloak(
    introspecting: Introspecting, run: Run, put: Put
) -> None:
    _, secret = introspecting.people.client("stranger")
    words = (
        *("doctor", introspecting.url, "--method", "client_credentials", "--json"),
        *("--set", f"token_endpoint={introspecting.people.token_endpoint}", "--set", "client_id=stranger"),
        *("--set", "scope=read", "--secret"),
    )
    _well(run(*words, f"client_secret={put(secret)}"))
    refused = run(*words, f"client_secret={put(Secret('x' * 24))}")
    assert refused.code == 1 and refused.json["findings"], refused.out
