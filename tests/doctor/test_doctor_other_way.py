"""A server that says how it wants its credential is heard, and nothing else is blamed."""

from __future__ import annotations

import secrets

import pytest
from servers.scripted import Answering, Asked, Reply, scripted
from support.running import Run

from sandbox import practice


def _alike(reply: Reply) -> Answering:
    def answering(asked: Asked) -> Reply:
        return reply if asked.method == "POST" else Reply(404)

    return answering


@pytest.mark.parametrize(
    ("body", "headers", "title"),
    [
        (
            {"detail": "Sign in"},
            (("WWW-Authenticate", 'Basic realm="files"'),),
            "asks for the header Authorization: Basic",
        ),
        ({"detail": "Sign in"}, (("WWW-Authenticate", "Token"),), "asks for the header Authorization: Token"),
        ({"error": "missing api key"}, (("Server", "Apache"),), "asks for an API key"),
        ({"error": "Missing X-API-Key header"}, (), "asks for the header X-API-Key"),
        (
            {"error": "No x-api-key header was provided"},
            (("Server", "nginx"),),
            "asks for the header x-api-key",
        ),
    ],
)
def test_what_a_refusal_asks_for_is_said_first(
    run: Run, monkeypatch: pytest.MonkeyPatch, body: object, headers: tuple[tuple[str, str], ...], title: str
) -> None:
    monkeypatch.setenv("T", secrets.token_urlsafe(24))
    with scripted(_alike(Reply(401, body, headers=headers))) as site:
        found = run("doctor", site.url("/mcp"), "--credential", "env:T", "--json").json
    first = found["findings"][0]
    assert (first["cause"], first["certainty"]) == ("credential-wanted-another-way", "likely"), found
    assert title in first["title"]
    assert [f["cause"] for f in found["findings"]] == ["credential-wanted-another-way"]


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "You didn't provide an API key, in an Authorization header using Bearer auth"}},
        {"error": "Missing X-CSRF-Token header"},
        {"error": "invalid api key"},
        {"error": "No session; see the X-Request-Id header"},
    ],
)
def test_what_asks_for_no_other_way_is_not_taken_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, body: object
) -> None:
    monkeypatch.setenv("T", secrets.token_urlsafe(24))
    with scripted(_alike(Reply(401, body))) as site:
        found = run("doctor", site.url("/mcp"), "--credential", "env:T", "--json").json
    assert "credential-wanted-another-way" not in [f["cause"] for f in found["findings"]]


def test_a_gateway_that_reads_another_header_does_not_blame_the_token(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practice.start() as running:
        gateway = running.services["gateway"]
        monkeypatch.setenv("T", gateway.credentials["token"].reveal())
        found = run("doctor", f"{gateway.url}/mcpgw/mcp", "--credential", "env:T", "--json").json
    first = found["findings"][0]
    assert (first["cause"], first["certainty"]) == ("credential-wanted-another-way", "proven"), found[
        "findings"
    ]
    assert "X-Authorization" in first["title"]


def test_who_is_forbidden_like_everybody_is_not_well(run: Run) -> None:
    with scripted(_alike(Reply(403, {"message": "Access denied"}))) as site:
        found = run("doctor", site.url("/mcp"), "--json").json
    assert found["verdict"] == "broken"
    assert found["findings"][0]["cause"] == "forbidden-whatever-the-credential"


def test_who_asks_for_a_credential_by_403_is_well_without_one(run: Run) -> None:
    with scripted(_alike(Reply(403, {"detail": "Not authenticated"}))) as site:
        assert run("doctor", site.url("/mcp"), "--json").json["verdict"] == "healthy"


def test_what_is_advised_sets_it_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    key = secrets.token_urlsafe(24)
    monkeypatch.setenv("T", key)

    def answering(asked: Asked) -> Reply:
        if asked.method != "POST":
            return Reply(404)
        if asked.headers.get("x-api-key") != key:
            return Reply(401, {"error": "Missing X-API-Key header"})
        said = {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "serverInfo": {"name": "x", "version": "1"},
        }
        return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id"), "result": said})

    with scripted(answering) as site:
        url = site.url("/mcp")
        advice = run("doctor", url, "--credential", "env:T", "--json").json["findings"][0]["fix"][0]
        assert "--header X-API-Key=SOURCE" in advice
        again = run("doctor", url, "--header", "X-API-Key=env:T", "--json").json
        assert again["verdict"] == "healthy"
        anew = advice.partition("authwizard setup takes ")[2].replace("SOURCE", "env:T").split()
        made = run(
            "setup", "mcp", "--name", "keyed", "--url", url, *anew, "--store", "env", "--yes", "--json"
        )
        assert (made.code, made.json["test"]["ok"]) == (0, True), made
