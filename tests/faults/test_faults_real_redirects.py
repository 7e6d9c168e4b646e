"""A real Keycloak whose client is registered with another redirect URI: host, port and path are told apart."""

from __future__ import annotations

import secrets

import pytest
from oddities.odd_server import Odd, served
from servers.keycloak import REALM, Keycloak
from servers.real import free_port
from support.running import Run

pytestmark = [pytest.mark.slow, pytest.mark.real("java")]

REGISTERED = {
    "redirect-uri-host-localhost-vs-ip": "http://localhost:{port}/callback",
    "redirect-uri-port-mismatch": "http://127.0.0.1:3334/callback",
    "redirect-uri-path-or-slash-mismatch": "http://127.0.0.1:{port}/oauth/callback",
}


def desk(keycloak: Keycloak, uri: str) -> str:
    """A public client with one redirect URI."""
    name = f"desk-{secrets.token_hex(4)}"
    client = {"clientId": name, "publicClient": True, "standardFlowEnabled": True, "redirectUris": [uri]}
    keycloak.admin("POST", f"/{REALM}/clients", client)
    return name


def words(url: str, client: str, port: int) -> tuple[str, ...]:
    uri = f"http://127.0.0.1:{port}/callback"
    named = ("--method", "authorization_code", "--set", f"client_id={client}", "--set", f"redirect_uri={uri}")
    return ("doctor", url, "--login", *named, "--timeout", "40", "--json")


@pytest.mark.row("F9")
@pytest.mark.parametrize("cause", sorted(REGISTERED))
def test_what_differs_is_named(cause: str, keycloak: Keycloak, run: Run) -> None:
    port = free_port()
    registered = REGISTERED[cause].replace("{port}", str(port))
    odd = Odd(change={"resource": {"authorization_servers": [keycloak.realm_url], "scopes_supported": None}})
    with served(odd) as server:
        ran = run(*words(server.mcp, desk(keycloak, registered), port))
    found = ran.json["findings"][0]
    assert (ran.code, found["cause"], found["certainty"]) == (1, cause, "proven"), ran.out
    assert "redirect-uri-not-registered" in found["explains"]
    assert any(registered in e["fact"] for e in found["evidence"])


def test_where_nothing_near_it_is_registered_no_difference_is_made_up(keycloak: Keycloak, run: Run) -> None:
    odd = Odd(change={"resource": {"authorization_servers": [keycloak.realm_url], "scopes_supported": None}})
    with served(odd) as server:
        ran = run(*words(server.mcp, desk(keycloak, "https://app.acme.test/done"), free_port()))
    assert (ran.code, ran.json["findings"][0]["cause"]) == (1, "redirect-uri-not-registered"), ran.out
