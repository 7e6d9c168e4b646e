"""Keycloak's groups and scopes gone wrong, before a FastMCP server that decides by them: real ones, not imitations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from servers.keycloak import REALM, Keycloak
from servers.real import free_port, running
from support.running import Put, Ran, Run

from diagnostics.causes.book import REGISTRY

pytestmark = pytest.mark.real("java")

GROUP = "mcp-servers-unrestricted"


@dataclass(frozen=True)
class Guarded:
    """A FastMCP server for the members of one group of this Keycloak, and one that wants the scope ``read``."""

    keycloak: Keycloak
    by_group: str
    by_scope: str


@pytest.fixture(scope="module")
def guarded(keycloak: Keycloak) -> Iterator[Guarded]:
    verifier = {"jwks_uri": keycloak.jwks(), "issuer": keycloak.realm_url}
    one, other = free_port(), free_port()
    issuer = keycloak.realm_url
    with (
        running(
            *("fastmcp_server.py", one, str(one), "jwt-metadata"),
            SERVER_VERIFIER=json.dumps(verifier),
            SERVER_ISSUER=issuer,
            SERVER_GROUPS=GROUP,
        ),
        running(
            *("fastmcp_server.py", other, str(other), "jwt-metadata"),
            SERVER_VERIFIER=json.dumps(
                {**verifier, "required_scopes": ["read"], "audience": f"http://127.0.0.1:{other}/mcp"}
            ),
            SERVER_ISSUER=issuer,
        ),
    ):
        yield Guarded(keycloak, f"http://127.0.0.1:{one}/mcp", f"http://127.0.0.1:{other}/mcp")


@pytest.fixture
def ask(guarded: Guarded, run: Run, put: Put):  # type: ignore[no-untyped-def]  # a closure
    """The doctor with a token of a client of this Keycloak."""

    def go(token: str, *words: str, url: str = "") -> Ran:
        return run("doctor", url or guarded.by_group, "--credential", put(token), *words, "--json")

    return go


def fresh(guarded: Guarded, client: str) -> str:
    """A token of now, with which user info may be asked."""
    return guarded.keycloak.token(client, scope="openid").reveal()


def named(done: Ran, cause: str, certainty: str) -> None:
    assert done.causes and done.causes[0] == cause, done.out
    assert done.json["findings"][0]["certainty"] == certainty, done.out


@pytest.mark.row("G7")
def test_the_mapper_is_removed(guarded: Guarded, ask, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # as above
    made = guarded.keycloak
    made.add_client("loses-its-mapper", groups=(GROUP,))
    assert ask(fresh(guarded, "loses-its-mapper")).code == 0
    uuid = made.uuid("loses-its-mapper")
    for mapper in made.admin("GET", f"/{REALM}/clients/{uuid}/protocol-mappers/models"):
        if mapper["name"] == "groups":
            made.admin("DELETE", f"/{REALM}/clients/{uuid}/protocol-mappers/models/{mapper['id']}")
    token = fresh(guarded, "loses-its-mapper")
    named(ask(token), "groups-mapper-missing", "likely")
    missing = ask(token, "--require-group", GROUP).json["permissions"]["groups"]["missing"]
    assert [m["name"] for m in missing] == [GROUP]
    monkeypatch.delitem(REGISTRY, "groups-mapper-missing")
    assert "groups-mapper-missing" not in ask(token).causes


@pytest.mark.row("G7")
def test_the_mapper_leaves_the_access_token_out(guarded: Guarded, ask) -> None:  # type: ignore[no-untyped-def]  # as above
    named(ask(fresh(guarded, "userinfo-mapper")), "groups-mapper-missing", "proven")


@pytest.mark.row("G7")
def test_an_account_outside_the_group(guarded: Guarded, ask, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]  # as above
    guarded.keycloak.add_client("an-outsider", groups=("developers",))
    token = fresh(guarded, "an-outsider")
    named(ask(token), "user-not-in-group", "likely")
    named(ask(token, "--require-group", GROUP), "user-not-in-group", "proven")
    monkeypatch.delitem(REGISTRY, "user-not-in-group")
    assert "user-not-in-group" not in ask(token, "--require-group", GROUP).causes


@pytest.mark.row("G7")
def test_an_account_in_no_group_at_all(guarded: Guarded, ask) -> None:  # type: ignore[no-untyped-def]  # as above
    # Keycloak then writes no claim at all: as without a mapper
    done = ask(fresh(guarded, "no-group"), "--require-group", GROUP)
    named(done, "groups-mapper-missing", "likely")
    assert "or the account is in none" in done.json["findings"][0]["title"]


@pytest.mark.row("G7")
def test_a_group_that_was_renamed(guarded: Guarded, ask) -> None:  # type: ignore[no-untyped-def]  # as above
    made = guarded.keycloak
    made.add_client("of-a-renamed-group", groups=("renamed_group",))
    made.admin("PUT", f"/{REALM}/groups/{made.group('renamed_group')}", {"name": "MCP_Servers_Unrestricted"})
    token = fresh(guarded, "of-a-renamed-group")
    done = ask(token, "--require-group", GROUP)
    named(done, "group-name-case-or-hyphen", "proven")
    (missing,) = done.json["permissions"]["groups"]["missing"]
    assert (missing["name"], missing["near"]) == (GROUP, "MCP_Servers_Unrestricted")


@pytest.mark.row("G7")
def test_a_group_by_its_path(guarded: Guarded, ask) -> None:  # type: ignore[no-untyped-def]  # as above
    guarded.keycloak.add_client("by-its-path", groups=(GROUP,), full_path=True)
    done = ask(fresh(guarded, "by-its-path"), "--require-group", GROUP)
    named(done, "group-leading-slash-path", "proven")


@pytest.mark.row("G7")
def test_a_token_older_than_the_change(guarded: Guarded, ask) -> None:  # type: ignore[no-untyped-def]  # as above
    made = guarded.keycloak
    made.add_client("joins-later", groups=("developers",))
    old = fresh(guarded, "joins-later")
    made.join(made.account(made.uuid("joins-later")), GROUP)
    named(ask(old, "--require-group", GROUP), "group-changed-after-token-issued", "likely")
    assert ask(fresh(guarded, "joins-later"), "--require-group", GROUP).code == 0


@pytest.mark.row("A8")
def test_fastmcp_wants_a_scope_that_the_token_lacks(guarded: Guarded, ask) -> None:  # type: ignore[no-untyped-def]  # as above
    made = guarded.keycloak
    made.add_client("reads-nothing", groups=(GROUP,))
    audience = {
        "name": "audience",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": guarded.by_scope, "access.token.claim": "true"},
    }
    uuid = made.uuid("reads-nothing")
    made.admin("POST", f"/{REALM}/clients/{uuid}/protocol-mappers/models", audience)
    done = ask(fresh(guarded, "reads-nothing"), url=guarded.by_scope)
    assert done.causes and done.causes[0] == "insufficient-scope", done.out
    assert "read" in [m["name"] for m in done.json["permissions"]["scopes"]["missing"]]


@pytest.mark.row("G10")
def test_the_checklist_runs_through_the_admin_api(guarded: Guarded, ask, put: Put) -> None:  # type: ignore[no-untyped-def]  # as above
    made = guarded.keycloak
    admin = ("--secret", f"admin_token={put(made.admin_token())}", "--issuer", made.realm_url)

    def checked(client: str, *words: str) -> tuple[Ran, dict[str, bool]]:
        done = ask(fresh(guarded, client), *admin, "--require-group", GROUP, *words)
        assert made.admin_token() not in done.out
        return done, {c["check"]: c["ok"] for c in done.json["permissions"]["keycloak"]["checks"]}

    made.add_client("all-well", groups=(GROUP,))
    done, points = checked("all-well")
    assert (done.code, points) == (
        0,
        {"group-exists": True, "client-exists": True, "groups-mapper": True, "membership": True},
    )
    made.add_client("mapper-forgotten", groups=(GROUP,), mapper="")
    done, points = checked("mapper-forgotten")
    named(done, "groups-mapper-missing", "proven")
    assert (points["groups-mapper"], points["membership"]) == (False, True)
    done, points = checked("no-group")
    named(done, "user-not-in-group", "proven")
    assert (points["groups-mapper"], points["membership"]) == (True, False)
    done, points = checked("all-well", "--require-group", "mcp_servers_unrestricted")
    assert points["group-exists"] is False
    # which one is nearest depends on the groups that other tests have made in this realm
    assert " is, and differs by" in done.out


def test_no_admin_token_goes_where_the_person_did_not_say(guarded: Guarded, ask, put: Put) -> None:  # type: ignore[no-untyped-def]  # as above
    token = guarded.keycloak.admin_token()
    done = ask(fresh(guarded, "no-group"), "--secret", f"admin_token={put(token)}")
    assert "keycloak" not in done.json["permissions"]
    assert "/admin/realms" not in json.dumps(done.json["exchanges"])
