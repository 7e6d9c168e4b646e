"""``doctor --login``: the diagnosis begins with a login, and goes on with what that gave."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from oddities.odd_ones import back
from oddities.odd_server import Answer, Asked, Odd, OddServer, served
from servers.real import free_port
from support.running import Run

pytestmark = pytest.mark.slow

MEMBERS = {
    "schema",
    "target",
    "verdict",
    "findings",
    "warnings",
    "ruled_out",
    "not_examined",
    "exchanges",
    "seconds",
}


def doctor(run: Run, server: OddServer, *words: str) -> Run:
    return run("doctor", server.mcp, "--login", "--port", str(free_port()), "--json", *words)


@pytest.mark.row("F9")
def test_a_healthy_server_is_logged_in_to_once_and_is_healthy(run: Run, home: Path) -> None:
    with served(Odd()) as server:
        ran = doctor(run, server)
        assert (server.times("register"), server.times("authorize"), server.times("token")) == (1, 1, 1)
        sent = [a.headers.get("authorization", "") for a in server.asked if a.place == "mcp"]
    assert (ran.code, ran.json["verdict"], ran.json["findings"]) == (0, "healthy", []), ran.out
    assert set(ran.json) >= MEMBERS
    token = max(sent, key=len).removeprefix("Bearer ")
    assert token
    assert token not in ran.out + ran.err
    kept = [p for p in home.rglob("*") if p.is_file() and token.encode() in p.read_bytes()]
    assert kept == []


@pytest.mark.row("F9")
def test_a_login_that_is_refused_is_the_finding(run: Run) -> None:
    with served(Odd(change=back(code=None, error="access_denied"))) as server:
        ran = doctor(run, server)
        assert server.times("token") == 0
    assert (ran.code, ran.json["findings"][0]["cause"]) == (1, "login-denied"), ran.out


@pytest.mark.row("F9")
def test_what_the_server_makes_of_the_token_is_diagnosed(run: Run) -> None:
    with served(Odd(change={"claims": {"aud": "https://other.invalid"}})) as server:
        ran = doctor(run, server)
    assert (ran.code, ran.json["findings"][0]["cause"]) == (1, "audience-not-bound-to-resource"), ran.out


@pytest.mark.row("F9")
def test_an_entry_without_a_credential_is_logged_in_to_as_its_client_would(run: Run, home: Path) -> None:
    with served(Odd()) as server:
        entry = {"type": "http", "url": server.mcp}
        (home / ".claude.json").write_text(json.dumps({"mcpServers": {"blue": entry}}))
        ran = run("doctor", "claude-code:blue", "--login", "--port", str(free_port()), "--json")
    assert (ran.code, ran.json["verdict"]) == (0, "healthy"), ran.out


@pytest.mark.row("F9")
def test_a_redirect_uri_that_registering_has_changed_is_named(run: Run) -> None:
    with served(Odd()) as server:
        healthy = server._register

        def register(asked: Asked) -> Answer:
            uris = [u.replace("127.0.0.1", "localhost") for u in asked.message["redirect_uris"]]
            asked.message = {**asked.message, "redirect_uris": uris}
            return healthy(asked)

        server._register = register  # type: ignore[method-assign]  # so does this server
        ran = doctor(run, server)
        tried = [a.form["redirect_uri"] for a in server.asked if a.place == "authorize"]
    found = ran.json["findings"][0]
    assert (ran.code, found["cause"]) == (1, "redirect-uri-host-localhost-vs-ip"), ran.out
    assert len(tried) <= 8


def test_only_the_redirect_uri_is_changed_and_nobody_is_asked(run: Run) -> None:
    page = Answer(400, "<p>Invalid redirect_uri</p>", "text/html")
    uri = f"http://127.0.0.1:{free_port()}/cb"
    named = ("--method", "authorization_code", "--set", "client_id=desk", "--set", f"redirect_uri={uri}")
    with served(Odd(instead={"authorize": page})) as server:
        ran = run("doctor", server.mcp, "--login", "--json", *named)
        first, *others = [a.form for a in server.asked if a.place == "authorize"]
    assert ran.json["findings"][0]["cause"] == "redirect-uri-not-registered"
    assert 1 < len(others) <= 14
    for other in others:
        assert other.pop("prompt") == "none"
        assert {**other, "redirect_uri": uri} == first
        assert urlsplit(other["redirect_uri"]).hostname in ("127.0.0.1", "localhost")
        assert not parse_qs(urlsplit(other["redirect_uri"]).query)


@pytest.mark.parametrize(
    "words",
    [
        ("http://127.0.0.1:9/mcp", "--login", "--credential", "env:T"),
        ("--all", "--login"),
        ("claude-code:", "--login"),
        ("http://127.0.0.1:9/mcp", "--port", "4000"),
    ],
)
def test_what_does_not_go_with_it_is_said(
    words: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("T", "x" * 20)
    ran = run("doctor", *words, "--json")
    assert (ran.code, ran.json["error"]["id"]) == (2, "wrong-usage"), ran.out
