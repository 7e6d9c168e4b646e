"""What is known already is said, and not put where nobody looks."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from servers.scripted import Asked, Reply, scripted
from support.running import Run

from diagnostics import doctor
from diagnostics.target import Target
from wizard.entries import Stdio
from wizard.transport import Transport


def test_why_an_entry_cannot_be_read_is_said_among_all(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = home / "work"
    project.mkdir()
    monkeypatch.chdir(project)
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": {"notype": {"url": "http://x.test/mcp"}}}))
    alone, among = run("doctor", "claude-code:notype"), run("doctor", "claude-code:")
    for sentence in ("it has a `url` without a `type`", 'Add `"type": "http"` beside its `url`'):
        assert sentence in alone.out + alone.err
        assert sentence in among.out
    assert among.code == 1


async def test_a_command_that_is_not_there_was_not_started() -> None:
    name = f"none-{secrets.token_hex(4)}"
    async with Transport(timeout=5) as transport:
        found = await doctor.diagnose(Target("faos", Stdio((name,))), transport, start=True)
    assert [f.cause for f in found.findings] == ["stdio-command-not-found"]


def _mcp(asked: Asked) -> Reply:
    if asked.method != "POST" or not asked.bearer:
        return Reply(401 if not asked.bearer else 405)
    result = {"protocolVersion": "2025-06-18", "tools": []}
    return Reply(200, {"jsonrpc": "2.0", "id": asked.message.get("id"), "result": result})


def test_an_opaque_token_is_not_said_to_lack_anything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", secrets.token_urlsafe(24))
    with scripted(_mcp) as site:
        words = ("doctor", site.url("/mcp"), "--credential", "env:T", "--require-scope", "admin:all")
        plain, document = run(*words), run(*words, "--json").json
    scopes = document["permissions"]["scopes"]
    assert scopes["missing"] == []
    assert scopes["known"] is False
    assert "missing admin:all" not in plain.out
    assert "the token has none" not in plain.out
    assert "admin:all" in plain.out
    assert "cannot be read" in plain.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--header", "A b=env:T"), "header-invalid"),
        (("--ca", "nofile.pem"), "ca-unreadable"),
    ],
)
def test_what_cannot_be_sent_or_read_is_refused_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], error: str
) -> None:
    monkeypatch.setenv("T", "x")
    with scripted(_mcp) as site:
        found = run("doctor", site.url("/x"), *words, "--json")
        assert found.code == 2
        assert found.json["error"]["id"] == error
        assert site.asked == []


@pytest.mark.parametrize("written", ["htps:/x.test/mcp", "https:/x.test/mcp", "http:/127.0.0.1:9"])
def test_an_address_with_half_a_beginning_is_no_client(run: Run, written: str) -> None:
    assert run("doctor", written, "--json").json["error"]["id"] == "not-a-url"


def test_a_login_that_was_asked_for_and_not_made_is_said(run: Run) -> None:
    with scripted(lambda _: Reply(200, {"ok": True})) as site:
        found = run("doctor", site.url("/x"), "--login", "--kind", "api")
    assert "No login was made" in found.err


@pytest.mark.parametrize(
    ("reply", "title", "step"),
    [
        (Reply(503, headers=(("Retry-After", "120"),)), "cannot take requests now", "Try again in 2 min"),
        (Reply(502), "no good answer from the program behind", "Try again in a minute."),
        (Reply(500), "it fails itself", "Try again in a minute."),
        (Reply(503, headers=(("Retry-After", "9" * 70),)), "cannot take", "Try again in"),
    ],
)
def test_a_server_that_fails_says_when_to_try_again(run: Run, reply: Reply, title: str, step: str) -> None:
    with scripted(lambda _: reply) as site:
        found = run("doctor", site.url("/x"), "--json").json["findings"][0]
    assert title in found["title"]
    assert found["fix"][0].startswith(step)
