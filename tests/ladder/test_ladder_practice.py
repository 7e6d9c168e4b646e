from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import trustme
from servers.raw import answer

from diagnostics import ladder, targets
from sandbox.practice import Practice, start
from wizard import catalogue
from wizard.choice import Choice
from wizard.entries import Remote
from wizard.livetest import LiveTestReport, Step
from wizard.secret import Secret
from wizard.transport import Transport


@pytest.fixture(scope="module")
def practice() -> Iterator[Practice]:
    with start() as running:
        yield running


async def _try(
    practice: Practice,
    name: str,
    method: str,
    given: Mapping[str, Secret],
    *,
    scopes: tuple[str, ...] = (),
    settings: Mapping[str, str] | None = None,
) -> tuple[LiveTestReport, dict[str, Step]]:
    service = catalogue.load().get(name)
    environment, way = service.environment("practice"), service.method(method)
    assert environment is not None
    assert way is not None
    target = targets.build(
        Choice(
            service,
            environment,
            way,
            url=practice.services[name].url,
            settings=settings or {},
            secrets=given,
            scopes=scopes,
            name="it",
        )
    )
    async with Transport(timeout=20) as transport:
        report = await ladder.run(target, transport)
    for secret in given.values():
        assert secret.reveal() not in repr(report) + repr(transport.exchanges)
    return report, {s.id: s for s in report.steps}


async def test_fleet_by_its_four_steps(practice: Practice) -> None:
    token = practice.services["fleet"].credentials["token"]
    report, steps = await _try(practice, "fleet", "bearer", {"token": token})
    assert report.ok, report.steps
    for id in (
        "connect",
        "health",
        "no-credential",
        "credential",
        "false-credential",
        "session",
        "ping",
        "tools",
    ):
        assert steps[id].ok, steps[id]
    assert "401" in steps["no-credential"].seen
    assert "401" in steps["false-credential"].seen
    assert report.tools


async def test_fleet_with_a_false_token(practice: Practice) -> None:
    report, steps = await _try(practice, "fleet", "bearer", {"token": Secret(secrets.token_urlsafe(32))})
    assert not report.ok
    assert steps["health"].ok
    assert steps["credential"].ok is False


async def test_faos_over_http_and_stdio(practice: Practice) -> None:
    token = practice.services["faos"].credentials["token"]
    report, steps = await _try(
        practice,
        "faos",
        "api_token",
        {"token": token},
        scopes=("graph:read", "no:such"),
        settings={"tenant_id": ""},
    )
    for id in (
        "health",
        "no-credential",
        "credential",
        "false-credential",
        "start",
        "session",
        "ping",
        "tools",
    ):
        assert steps[id].ok, (id, report.steps)
    assert report.granted_scopes
    assert steps["scopes"].ok is False
    assert "lacks" in steps["scopes"].detail
    assert "no:such" in steps["scopes"].detail
    assert [s.id for s in report.steps] == [
        "connect",
        "tls",
        "health",
        "no-credential",
        "credential",
        "false-credential",
        "start",
        "session",
        "ping",
        "tools",
        "scopes",
        "rate-limit",
    ]


@pytest.mark.parametrize(("names", "trusted"), [(("localhost",), True), (("other.example",), False)])
async def test_tls_is_a_step_of_its_own(tmp_path: Path, names: tuple[str, ...], trusted: bool) -> None:
    ca = trustme.CA()
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    tasks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        try:
            if await reader.read(4000):
                writer.write(answer(200, {"ok": True}))
                await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (OSError, ssl.SSLError):
            return

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
        async with Transport(timeout=5, ca=str(path)) as transport:
            report = await ladder.run(targets.Target("it", Remote(url), "api"), transport)
        await asyncio.gather(*tasks)
    steps = {s.id: s for s in report.steps}
    assert steps["connect"].ok
    assert steps["tls"].ok is trusted
    if trusted:
        assert "your system trusts it" in steps["tls"].seen
        assert steps["no-credential"].seen == "200"
    else:
        assert steps["tls"].seen == "a certificate not for localhost"
        assert steps["tls"].detail == "It is for other.example."
        assert steps["no-credential"].seen == "waits for TLS"
        assert transport.exchanges == ()
