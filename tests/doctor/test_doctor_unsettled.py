"""Where no cause is named, it is said what was asked, what came, and what to do next."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from servers.scripted import Asked, Reply, scripted
from support.running import Run


@pytest.mark.parametrize(
    ("reply", "came", "next_"),
    [
        (Reply(400, {"message": "Missing parameter q"}), "400: Missing parameter q", "needs no parameter"),
        (Reply(402, {"message": "Pay first"}), "402: Pay first", "account's plan"),
        (Reply(307, headers=(("Location", "/x"),)), "redirects without end", "in a browser"),
        (Reply(418, "I am a teapot", "text/plain"), "418: I am a teapot", "admin"),
    ],
)
def test_what_came_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, reply: Reply, came: str, next_: str
) -> None:
    monkeypatch.setenv("T", secrets.token_urlsafe(24))

    def answering(asked: Asked) -> Reply:
        return reply if asked.path == "/x" else Reply(401)

    with scripted(answering) as site:
        url = site.url("/x")
        found = run("doctor", url, "--kind", "api", "--credential", "env:T")
        told = run("doctor", url, "--kind", "api", "--credential", "env:T", "--json").json["answered"]
    assert f"GET at {url}" in found.out
    assert came in found.out
    assert next_ in found.out
    assert len(told) == 2


def test_a_program_that_was_not_started_says_so(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = home / "work"
    project.mkdir()
    monkeypatch.chdir(project)
    entry = {"mcpServers": {"own": {"command": "python3", "args": ["-c", "raise SystemExit(3)"]}}}
    (project / ".mcp.json").write_text(json.dumps(entry))
    found = run("doctor", "claude-code:own")
    assert "--start" in found.out
    assert "was not started" in found.out


def test_what_is_well_has_nothing_to_say(run: Run) -> None:
    with scripted(lambda _: Reply(200, {"ok": True})) as site:
        assert run("doctor", site.url("/x"), "--json").json["answered"] == []


@pytest.mark.parametrize(("works", "verdict"), [(True, "broken"), (False, "undetermined")])
def test_an_address_that_is_there_for_nobody_but_this_credential(
    run: Run, monkeypatch: pytest.MonkeyPatch, works: bool, verdict: str
) -> None:
    held = secrets.token_urlsafe(24)
    monkeypatch.setenv("T", held)
    what = (
        {"result": {"protocolVersion": "2025-06-18"}}
        if works
        else {"error": {"code": -32603, "message": "no"}}
    )

    def answering(asked: Asked) -> Reply:
        if asked.path == "/mcp" and asked.method == "POST":
            return Reply(200, {"jsonrpc": "2.0", "id": 1, **what})
        return Reply(404 if asked.bearer == held else 401, {"message": "?"})

    with scripted(answering) as site:
        found = run("doctor", site.url("/x/mcp"), "--credential", "env:T", "--json").json
    assert found["verdict"] == verdict
    assert "whatever the credential" not in json.dumps(found["findings"])
    assert [f["certainty"] for f in found["findings"]] == (["likely"] if works else [])
    assert ("known there" in " ".join(found["answered"])) != works
