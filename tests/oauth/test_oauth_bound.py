"""A client's secret belongs to the issuer that it was given for (MCP-A9, B11), a login to the server that it was made
for: neither goes to whomever the server, or the connection, names later."""

from __future__ import annotations

import base64
import secrets
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loopback_support import free
from moving_server import Moving, moving
from support.running import Put, Run

from wizard import connections

FOLLOWS = f"{sys.executable} {Path(__file__).with_name('follow_browser.py')}"
CLIENT = "mine"


@pytest.fixture
def world(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moving]:
    monkeypatch.setenv("BROWSER", FOLLOWS)
    with moving() as made:
        yield made


def told(world: Moving, secret: str) -> tuple[bool, bool]:
    """Whether the first and the second issuer were shown the secret."""
    shown = base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()
    return world.first.heard(shown), world.second.heard(shown)


def given(put: Put, secret: str, method: str) -> tuple[str, ...]:
    return (
        *("--method", method, "--set", f"client_id={CLIENT}", "--secret", f"client_secret={put(secret)}"),
        *("--port", str(free()), "--json"),
    )


def set_up(run: Run, world: Moving, *words: str) -> None:
    done = run("setup", "mcp", "--url", world.mcp, "--name", "it", *words, "--yes", "--store", "file")
    assert done.code == 0, done.out + done.err


def test_within_a_test_the_secret_goes_to_no_second_issuer(world: Moving, run: Run, put: Put) -> None:
    def move() -> None:
        world.named, world.good = world.second.url, set()

    secret = secrets.token_urlsafe(16)
    world.good = {"none"}
    world.before_refusal = move
    world.first.answers = lambda method, asked: _forgetful(world, method, asked)
    done = run("test", world.mcp, *given(put, secret, "authorization_code"))
    assert done.code == 1
    assert told(world, secret) == (True, False)
    assert done.json["finding"]["cause"] == "authorization-server-variant-wrong"


def _forgetful(world: Moving, method: str, asked: object) -> object:
    answer = world.issuer(method, asked, world.first)  # type: ignore[arg-type]  # what the server hands on
    world.good = set()
    return answer


@pytest.mark.parametrize("method", ["authorization_code", "client_credentials"])
def test_a_saved_secret_goes_to_no_second_issuer(method: str, world: Moving, run: Run, put: Put) -> None:
    secret = secrets.token_urlsafe(16)
    set_up(run, world, *given(put, secret, method))
    assert connections.get("it").settings["issuer"] == world.first.url
    world.named, world.good = world.second.url, set()
    if method == "authorization_code":
        assert run("logout", "it").code == 0
    again = ("login", "it", "--port", str(free())) if method == "authorization_code" else ("headers", "it")
    done = run(*again)
    assert done.code == 1, done.out
    assert world.second.url in done.err
    assert told(world, secret) == (True, False)


def test_without_a_secret_a_login_follows_the_server(world: Moving, run: Run) -> None:
    port = ("--port", str(free()))
    set_up(run, world, "--method", "authorization_code", *port, "--json")
    assert "issuer" not in connections.get("it").settings
    world.named = world.second.url
    assert run("logout", "it").code == 0
    done = run("login", "it", *port, "--json")
    assert done.json["issuer"] == world.second.url


def test_a_token_of_client_credentials_is_kept_nowhere(world: Moving, run: Run, put: Put, home: Path) -> None:
    world.gives = {"expires_in": 1}
    secret = secrets.token_urlsafe(16)
    set_up(run, world, *given(put, secret, "client_credentials"))
    assert set(connections.get("it").secrets) == {"client_secret"}
    first = run("headers", "it")
    second = run("headers", "it")
    assert first.code == second.code == 0
    assert first.json["Authorization"] != second.json["Authorization"]


def test_a_login_goes_to_no_other_server(world: Moving, run: Run) -> None:
    set_up(run, world, "--method", "authorization_code", "--port", str(free()), "--json")
    held = run("headers", "it").json["Authorization"]
    with moving() as other:
        connections.save(replace(connections.get("it"), url=other.mcp))
        other.named = world.first.url
        for words in (("headers", "it"), ("test", "it", "--json"), ("doctor", "it", "--json")):
            done = run(*words)
            assert done.code != 0, done.out
            assert held.removeprefix("Bearer ") not in done.out + done.err
        assert not other.server.heard(held)
    connections.save(replace(connections.get("it"), url=world.mcp))
    assert run("headers", "it").json["Authorization"] == held


@pytest.mark.parametrize("client", ["x" * 5000, "two words\x1b[2J", "ünsent"])
def test_a_client_id_that_is_none_is_not_used(client: str, world: Moving, run: Run) -> None:
    world.client = client
    done = run("test", world.mcp, "--port", str(free()), "--json")
    assert done.code == 1
    assert done.json["finding"]["cause"] == "registration-refused"
    assert len(done.out + done.err) < 20_000
    assert not any(a.path.startswith("/authorization") for a in world.first.asked)


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "id_token"])
def test_a_token_without_end_is_none(name: str, world: Moving, run: Run) -> None:
    piece = secrets.token_hex(500)
    world.gives = {name: piece * 300}
    done = run("test", world.mcp, "--port", str(free()), "--json")
    assert done.code == (1 if name == "access_token" else 0)
    assert piece[:40] not in done.out + done.err


def test_scopes_that_nobody_chose_are_named_before_the_consent(world: Moving, run: Run) -> None:
    world.scope = "read admin:all \x1b[2J"
    port = ("--port", str(free()))
    done = run("test", world.mcp, "--method", "authorization_code", "--set", "scope=read", *port)
    assert "asks for more than was chosen: admin:all" in done.err
    assert "\x1b" not in done.err
    assert "more than was chosen" not in run("test", world.mcp, *port).err, "nothing was chosen"
    world.scope = "read"
    done = run("test", world.mcp, "--method", "authorization_code", "--set", "scope=read", *port)
    assert "more than was chosen" not in done.err


def _again(run: Run) -> int:
    assert run("logout", "it").code == 0
    return run("login", "it", "--port", str(free())).code


def test_an_issuer_that_is_allowed_a_slash_stays_the_same(world: Moving, run: Run, put: Put) -> None:
    world.slash = "/"
    words = given(put, secrets.token_urlsafe(16), "authorization_code")
    set_up(run, world, *words, "--allow", "issuer-slash")
    assert _again(run) == 0


def test_a_server_that_publishes_nothing_is_its_own_issuer(world: Moving, run: Run, put: Put) -> None:
    world.silent = True
    secret = secrets.token_urlsafe(16)
    method = ("--method", "authorization_code", "--set", "token_endpoint_auth_method=client_secret_basic")
    set_up(run, world, *given(put, secret, "authorization_code"), *method)
    assert connections.get("it").settings["issuer"] == world.server.url
    assert _again(run) == 0
    world.silent, world.named, world.good = False, world.second.url, set()
    assert _again(run) == 1
    assert told(world, secret) == (False, False)
