"""Clients through a real Keycloak's Admin REST API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.keycloak import REALM, Keycloak
from support.running import Put, Ran, Run

from wizard.secret import Secret

pytestmark = [pytest.mark.real("java"), pytest.mark.row("U8", "U2")]
NAMES = ("registered one", "registered two", "registered wide")


@pytest.fixture
def at(keycloak: Keycloak, put: Put) -> Iterator[list[str]]:
    """The words that name the realm and a service account which may manage its clients."""
    name = "registrar"
    if (REALM, name) not in keycloak.secrets:
        keycloak.add_client(name, mapper="")
        account = keycloak.account(keycloak.uuid(name))
        management = keycloak.uuid("realm-management")
        roles = [
            keycloak.admin("GET", f"/{REALM}/clients/{management}/roles/{role}")
            for role in ("manage-clients", "view-clients", "view-events", "view-realm")
        ]
        keycloak.admin("POST", f"/{REALM}/users/{account}/role-mappings/clients/{management}", roles)
    secret = put(Secret(keycloak.secrets[REALM, name]))
    yield ["--at", keycloak.realm_url, "--set", f"client_id={name}", "--secret", f"client_secret={secret}"]
    for client in keycloak.admin("GET", f"/{REALM}/clients"):
        if client["clientId"] in NAMES:
            keycloak.admin("DELETE", f"/{REALM}/clients/{client['id']}")


@pytest.fixture
def file(tmp_path: Path) -> str:
    written = tmp_path / "clients.csv"
    one, two, wide = NAMES
    written.write_text(
        f"name,redirect_uris\n{one},http://127.0.0.1:3334/callback\n{two},\n{wide},http://127.0.0.1:*/callback\n",
        "utf-8",
    )
    return str(written)


def go(run: Run, action: str, *words: str) -> Ran:
    return run("registrations", action, *words, "--json")


def test_many_are_registered_listed_and_removed(
    keycloak: Keycloak, at: list[str], file: str, run: Run
) -> None:
    done = go(run, "add", *at, "--from", file, "--yes")
    assert done.code == 0, done.out + done.err
    assert [c["name"] for c in done.json["added"]] == list(NAMES)
    assert done.warnings == ["redirect-uri-wildcard"]
    made = keycloak.admin("GET", f"/{REALM}/clients?clientId=registered%20one")[0]
    assert made["publicClient"] and made["redirectUris"] == ["http://127.0.0.1:3334/callback"]
    assert made["attributes"]["pkce.code.challenge.method"] == "S256"
    assert not made["directAccessGrantsEnabled"] and not made["implicitFlowEnabled"]
    again = go(run, "add", *at, "--from", file, "--yes")
    assert again.code == 0 and len(again.json["there"]) == 3 and not again.json["added"]

    listed = {c["name"]: c for c in go(run, "list", *at).json["clients"]}
    # no session, and this realm records no events: nothing more is claimed
    assert listed[NAMES[0]]["use"] == "unknown" and listed[NAMES[0]]["ours"]
    assert not listed["registrar"]["ours"]
    assert go(run, "remove", *at, "--unused", "--yes").json["removed"] == []

    keycloak.admin("PUT", f"/{REALM}/events/config", {"eventsEnabled": True, "eventsExpiration": 172800})
    try:
        keycloak.token("no-group")
        listed = {c["name"]: c for c in go(run, "list", *at).json["clients"]}
        assert listed[NAMES[0]]["use"] == "unused" and "2 days" in listed[NAMES[0]]["seen"]
        assert listed["no-group"]["use"] == "in-use" and listed["no-group"]["last_used"]
        gone = go(run, "remove", *at, "--unused", "--yes")
    finally:
        keycloak.admin("PUT", f"/{REALM}/events/config", {"eventsEnabled": False})
    assert gone.code == 0, gone.out
    assert sorted(c["name"] for c in gone.json["removed"]) == sorted(NAMES)
    left = {c["clientId"] for c in keycloak.admin("GET", f"/{REALM}/clients")}
    assert not left & set(NAMES) and "no-group" in left


def test_an_admin_may_do_it_and_an_account_without_the_role_may_not(
    keycloak: Keycloak, at: list[str], run: Run, put: Put
) -> None:
    admin = [*at[:2], "--set", "username=admin", "--secret", f"password={put(Secret(keycloak.password))}"]
    done = go(run, "add", NAMES[0], *admin, "--yes")
    assert done.code == 0, done.out + done.err
    assert keycloak.password not in done.out + done.err
    id, secret = keycloak.client("no-mapper")
    poor = [*at[:2], "--set", f"client_id={id}", "--secret", f"client_secret={put(secret)}"]
    refused = go(run, "list", *poor)
    assert refused.code == 1 and refused.json["error"]["id"] == "registrar-not-allowed"
    assert "view-clients" in " ".join(refused.json["error"]["fix"])
    wrong = [*poor[:4], "--secret", f"client_secret={put(Secret('x' * 30))}"]
    bad = go(run, "list", *wrong)
    assert bad.code == 1 and bad.json["error"]["id"] == "token-refused"
    own = go(run, "remove", "account", *at, "--yes")
    assert own.code == 2 and own.json["error"]["id"] == "client-own"
