"""A credential over plain http to another machine: refused with the reason, or allowed by name and warned of."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path

import pytest
from servers.proxies import gateway
from servers.raw import Asked, answer, raw_server
from support.running import Run

URL = "http://mcp.example.invalid/v1"
HELD = secrets.token_urlsafe(24)


@pytest.fixture
def targets(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    monkeypatch.setenv("HELD", HELD)
    entry = {"type": "http", "url": URL, "headers": {"Authorization": "Bearer ${HELD}"}}
    (home / "project" / ".mcp.json").write_text(json.dumps({"mcpServers": {"it": entry}}))
    return {"url": (URL, "--credential", "env:HELD"), "client": ("claude-code:it",)}


@pytest.mark.row("U6")
@pytest.mark.parametrize("name", ["url", "client"])
def test_it_is_refused_before_anything_is_sent(
    name: str, targets: dict[str, tuple[str, ...]], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    done = run("test", *targets[name], "--json")
    assert done.code == 2, done.out + done.err
    error = done.json["error"]
    assert error["id"] == "method-refused"
    assert "plain http" in error["title"] + error["detail"]
    assert any("--allow http" in line for line in error["fix"])
    assert HELD not in done.out + done.err


def test_another_leniency_does_not_allow_it(targets: dict[str, tuple[str, ...]], run: Run) -> None:
    assert run("test", *targets["url"], "--allow", "issuer-slash").code == 2
    assert run("test", *targets["url"], "--allow", "no-such").code == 2


@pytest.mark.row("U6")
@pytest.mark.parametrize("name", ["url", "client"])
async def test_it_is_allowed_by_name_and_warned_of(
    name: str, targets: dict[str, tuple[str, ...]], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        good = asked.headers.get("authorization") == f"Bearer {HELD}"
        writer.write(answer(200, {"ok": True}) if good else answer(401, {"error": "invalid_token"}))

    async with raw_server(reply) as raw, gateway(raw.port) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        words = (*targets[name], "--kind", "api")
        tested = await asyncio.to_thread(run, "test", *words, "--allow", "http", "--json")
        found = await asyncio.to_thread(run, "doctor", *words, "--json")
    assert tested.code == 0, tested.out + tested.err
    steps = {s["id"]: s for s in tested.json["steps"]}
    assert "Anyone on it can read" in steps["tls"]["detail"]
    assert (found.code, found.json["findings"]) == (0, []), found.out
    assert "http-url-instead-of-https" in [w["cause"] for w in found.json["warnings"]]
