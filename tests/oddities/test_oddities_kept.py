"""A login that is kept, at servers that renew it oddly: what they say is told as what it is."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from oddities.odd_ones import DISCOVERY, RESPONSES
from oddities.odd_server import Answer, Odd, OddServer
from servers.real import free_port
from support.running import Ran, Run

from diagnostics.causes.book import REGISTRY
from wizard import connections
from wizard.connections import Connection
from wizard.oauth import kept, sessions


def refusing(error: str, words: str = "", status: int = 400) -> Odd:
    return Odd(instead={"refresh": Answer(status, {"error": error, "error_description": words})})


def ended(odd: OddServer, run: Run) -> None:
    """Log in, and let the access token end."""
    connections.save(Connection("notes", "mcp", "own", odd.mcp, "authorization_code"))
    done = run("login", "notes", "--json", "--timeout", "60", "--port", str(free_port()))
    assert done.code == 0, done.err
    held = sessions.read("notes")
    kept.put("notes", replace(held, login=replace(held.login, expires_at=time.time() - 1)))


def named(ran: Ran) -> str:
    return (ran.json.get("finding") or {}).get("cause", "")


@pytest.mark.row("A1")
@pytest.mark.parametrize("odd", [Odd()], indirect=True, ids=["healthy"])
def test_a_login_that_is_renewed_is_no_finding(odd: OddServer, run: Run) -> None:
    ended(odd, run)
    tested = run("test", "notes", "--json")
    assert (tested.code, named(tested)) == (0, ""), tested.out
    asked = run("doctor", "notes", "--json")
    assert asked.json["verdict"] == "healthy", asked.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("odd", "cause"),
    [
        # https://github.com/metabase/metabase/issues/80389
        (refusing("invalid_request", "refresh token not found"), "refresh-token-expired-or-revoked"),
        (refusing("invalid_grant"), "refresh-token-expired-or-revoked"),
        (refusing("invalid_grant", "Token was already used"), "refresh-token-reused-by-concurrent-processes"),
        (refusing("invalid_grant", "Invalid token issuer"), "refresh-issuer-mismatch-keycloak"),
        (refusing("invalid_client", "", 401), "stale-dynamic-client"),
    ],
    indirect=["odd"],
    ids=["wrong-code", "dead", "reused", "other-name", "client-forgotten"],
)
def test_why_it_is_not_renewed_is_named(
    odd: OddServer, cause: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(odd, run)
    tested = run("test", "notes", "--json")
    assert (tested.code, named(tested)) == (1, cause), tested.out
    asked = run("doctor", "notes", "--json")
    assert asked.causes[0] == cause, asked.out
    monkeypatch.delitem(REGISTRY, cause)
    assert cause not in run("doctor", "notes", "--json").causes
    assert odd.times("authorize") == 1, "a test asks nobody to log in"


@pytest.mark.parametrize("odd", [Odd()], indirect=True, ids=["healthy"])
def test_nobody_has_logged_in_yet(odd: OddServer, run: Run) -> None:
    connections.save(Connection("notes", "mcp", "own", odd.mcp, "authorization_code"))
    asked = run("doctor", "notes", "--json")
    assert asked.causes == ["not-logged-in"], asked.out
    assert odd.times("authorize") == 0


@pytest.mark.parametrize(
    "odd",
    [DISCOVERY["prm-with-escapes"], DISCOVERY["issuer-with-escapes"], RESPONSES["words-with-escapes"]],
    indirect=True,
    ids=["resource", "issuer", "answer"],
)
@pytest.mark.parametrize("how", [(), ("--json",)], ids=["text", "json"])
def test_what_a_server_says_moves_no_terminal(odd: OddServer, how: tuple[str, ...], run: Run) -> None:
    connections.save(Connection("notes", "mcp", "own", odd.mcp, "authorization_code"))
    done = run("login", "notes", "--timeout", "60", "--port", str(free_port()), *how)
    assert done.code != 0
    said = done.out + done.err
    assert said.isascii() or not {c for c in said if not c.isprintable() and c != "\n"}
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    assert "\\u001b" not in said
