"""Verdicts that were wrong once: what proves nothing is not said to be proven."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from servers.raw import Asked, answer, raw_server
from support.running import Ran, Run

from diagnostics import doctor, report, targets
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from sandbox import practice
from sandbox.practice import Practice
from wizard.secret import Secret
from wizard.transport import Transport


async def diagnosed(target: Target) -> Diagnosis:
    async with Transport(timeout=5) as transport:
        return await doctor.diagnose(target, transport)


def _gateway(
    run: Run, running: Practice, patch: pytest.MonkeyPatch, name: str, server: str = "currenttime"
) -> Ran:
    gateway = running.services["gateway"]
    patch.setenv("V", gateway.credentials["client_secret"].reveal())
    return run(
        *("setup", "gateway", "--method", "client_credentials", "--yes", "--json", "--name", name),
        *("--environment", "practice", "--url", gateway.url, "--secret", "client_secret=env:V"),
        *("--set", f"client_id={gateway.credentials['client_id'].reveal()}", "--set", f"server={server}"),
    )


def test_a_connection_that_reads_the_same_variable_is_no_proof(
    run: Run, monkeypatch: pytest.MonkeyPatch, home: object
) -> None:
    with practice.start() as running:
        made = _gateway(run, running, monkeypatch, "gw1")
        assert made.code == 0, made.out + made.err
    with practice.start(faults={"gateway": "group-to-scope-mapping-missing"}) as running:
        found = _gateway(run, running, monkeypatch, "gwx")
    finding = found.json["test"]["finding"]
    assert finding["cause"] == "group-to-scope-mapping-missing", finding


def test_a_server_that_a_gateway_does_not_have_is_named(
    run: Run, services: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _gateway(run, services, monkeypatch, "gw1", "nonesuch")
    assert found.code == 1
    finding = found.json["test"]["finding"]
    assert finding["title"].startswith("The gateway has no server `nonesuch`; it has "), finding
    assert "currenttime" in finding["title"]
    assert finding["certainty"] == "proven"


async def test_who_refuses_every_address_alike_tells_of_none() -> None:
    token = Secret(secrets.token_urlsafe(24))

    async def answerer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        known = token.reveal() in asked.headers.get("authorization", "")
        writer.write(answer(404 if known else 401, {"error": "nobody" if known else "who are you"}))

    async with raw_server(answerer) as raw:
        url = f"http://127.0.0.1:{raw.port}/nonesuch/mcp"
        found = await diagnosed(targets.from_url(url, credential=token))
        assert "wrong-transport-or-endpoint-path" not in [f.cause for f in found.findings], report.text(found)
