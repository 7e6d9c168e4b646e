"""The proxy that the environment names: not let through, not there, not used. And nothing of it where it works."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from servers.proxies import gateway, tinyproxy
from servers.raw import Asked, answer, raw_server
from servers.real import free_port

from diagnostics import doctor, ladder, report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from diagnostics.target import Target
from wizard.proxies import proxy_of
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

CAUSE = "proxy-407-or-proxy-ignored"
CAPTURED = "proxy-captures-loopback"
TOKEN = Secret(secrets.token_urlsafe(24))


async def guards(asked: Asked, writer: object) -> None:
    """An API that takes one token."""
    good = asked.headers.get("authorization") == f"Bearer {TOKEN.reveal()}"
    refusal = answer(401, {"error": "invalid_token"}, www_authenticate="Bearer")
    writer.write(answer(200, {"ok": True}) if good else refusal)  # type: ignore[attr-defined]  # a StreamWriter


@asynccontextmanager
async def api() -> AsyncIterator[int]:
    async with raw_server(guards) as raw:
        yield raw.port


@asynccontextmanager
async def secure(folder: Path) -> AsyncIterator[tuple[int, str]]:
    """An https API; its port, and the file of its authority."""
    import asyncio

    authority = trustme.CA()
    ca = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "mcp.example.invalid").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = (line.partition(":") for line in head.split("\r\n")[1:])
            await guards(Asked("GET", "/", {n.lower(): v.strip() for n, _, v in lines}, b""), writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], str(ca)


def target_of(url: str) -> Target:
    return targets.from_url(url, credential=TOKEN, kind="api")


async def diagnosed(url: str, ca: str | None = None) -> Diagnosis:
    async with Transport(timeout=5, ca=ca) as transport:
        return await doctor.diagnose(target_of(url), transport)


async def connect_step(url: str, ca: str | None = None) -> tuple[bool, bool | None, str]:
    async with Transport(timeout=5, ca=ca) as transport:
        tested = await ladder.run(target_of(url), transport)
    step = next(s for s in tested.steps if s.id == "connect")
    return tested.ok, step.ok, step.seen


async def named(
    url: str, monkeypatch: pytest.MonkeyPatch, ca: str | None = None, cause: str = CAUSE
) -> Diagnosis:
    """The doctor's answer, in which the cause is first; without its rule it is named no more."""
    found = await diagnosed(url, ca)
    assert found.verdict == "unreachable", report.text(found)
    assert [(f.cause, f.certainty) for f in found.findings] == [(cause, "proven")], report.text(found)
    with monkeypatch.context() as patch:
        patch.delitem(REGISTRY, cause)
        assert cause not in [f.cause for f in (await diagnosed(url, ca)).findings]
    return found


@pytest.fixture(scope="module")
def password() -> str:
    return secrets.token_urlsafe(12)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, password: str) -> Iterator[int]:
    with tinyproxy(tmp_path_factory.mktemp("proxy"), "someone", password) as port:
        yield port


@pytest.mark.real("tinyproxy")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("given", ["none", "wrong"])
async def test_a_proxy_that_wants_a_user(
    given: str, scheme: str, guarded: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tinyproxy answers 407 to none and 401 to a wrong one, to a GET as to a CONNECT."""
    wrong = secrets.token_urlsafe(12)
    user = f"someone:{wrong}@" if given == "wrong" else ""
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://{user}127.0.0.1:{guarded}")
    async with api() as plain, secure(tmp_path) as (tls, ca):
        url = f"https://localhost:{tls}/v1" if scheme == "https" else f"http://localhost:{plain}/v1"
        found = await named(url, monkeypatch, ca)
        ok, step, seen = await connect_step(url, ca)
    title, text = found.findings[0].title, report.text(found)
    assert ("refuses" in title) is (given == "wrong")
    assert f"127.0.0.1:{guarded}" in title
    assert f"{scheme.upper()}_PROXY" in title
    assert "NO_PROXY" in text
    assert not ok
    if scheme == "https" or given == "none":
        assert step is False
        assert ("407" if given == "none" else "401") in seen
    for secret in (wrong, "someone", TOKEN.reveal()):
        assert secret not in text + repr(found)


@pytest.mark.real("tinyproxy")
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_right_user_passes_and_nothing_is_found(
    scheme: str, guarded: int, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", f"http://someone:{password}@127.0.0.1:{guarded}")
    async with api() as plain, secure(tmp_path) as (tls, ca):
        url = f"https://localhost:{tls}/v1" if scheme == "https" else f"http://localhost:{plain}/v1"
        found = await diagnosed(url, ca)
        ok, step, _ = await connect_step(url, ca)
    assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)
    assert ok
    assert step
    assert password not in repr(found)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"127.0.0.1:{free_port()}")
    async with api() as plain, secure(tmp_path) as (tls, ca):
        url = f"https://localhost:{tls}/v1" if scheme == "https" else f"http://localhost:{plain}/v1"
        found = await named(url, monkeypatch, ca, CAPTURED)
        ok, step, seen = await connect_step(url, ca)
        elsewhere = await named(f"{scheme}://mcp.example.invalid/v1", monkeypatch, ca)
    assert "nothing listens there" in elsewhere.findings[0].title
    assert any("NO_PROXY=localhost" in line for line in found.findings[0].fix)
    assert (ok, step) == (False, False)
    assert "nothing listens" in seen


@pytest.mark.parametrize("text", ["socks5://127.0.0.1:1080", "foo://127.0.0.1", "http://[::1", "http://"])
async def test_a_proxy_that_cannot_be_used_is_no_traceback(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", text)
    async with api() as plain:
        url = f"http://localhost:{plain}/v1"
        await named(url, monkeypatch)
        assert (await connect_step(url))[:2] == (False, False)


@pytest.mark.parametrize(("status", "says"), [(403, "does not let"), (502, "cannot reach")])
async def test_a_proxy_with_rules(
    status: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with secure(tmp_path) as (tls, ca), gateway(tls, status) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        found = await named("https://mcp.example.invalid/v1", monkeypatch, ca)
        here = await named(f"https://localhost:{tls}/v1", monkeypatch, ca, CAPTURED)
    assert here.findings[0].owner == "you"
    assert here.findings[0].explains == (CAUSE,)
    assert says in found.findings[0].title
    assert found.findings[0].owner == "network-admin"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_host_behind_the_proxy_that_no_proxy_exempts(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the proxy knows the name. Without NO_PROXY the same set-up is healthy."""
    async with (
        api() as plain,
        secure(tmp_path) as (tls, ca),
        gateway(tls if scheme == "https" else plain) as port,
    ):
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://127.0.0.1:{port}")
        url = f"{scheme}://mcp.example.invalid/v1"
        well = await diagnosed(url, ca)
        monkeypatch.setenv("NO_PROXY", "localhost,.example.invalid")
        found = await named(url, monkeypatch, ca)
    assert (well.verdict, well.findings) == ("healthy", ()), report.text(well)
    assert "NO_PROXY exempts mcp.example.invalid" in found.findings[0].title


async def test_a_wrong_certificate_is_named_through_a_proxy_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with secure(tmp_path) as (tls, ca), gateway(tls) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        found = await diagnosed("https://other.example.invalid/v1", ca)
    assert [f.cause for f in found.findings] == ["tls-hostname-mismatch"], report.text(found)


async def test_a_proxy_that_is_spoken_to_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    place = tmp_path / "proxy.pem"
    authority.cert_pem.write_to_path(str(place))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    async with api() as plain, gateway(plain, tls=context) as port:
        monkeypatch.setenv("HTTP_PROXY", f"https://localhost:{port}")
        strange = await diagnosed(f"http://localhost:{plain}/v1")
        monkeypatch.setenv("SSL_CERT_FILE", str(place))
        known = await diagnosed(f"http://localhost:{plain}/v1")
    assert [f.cause for f in strange.findings] == [CAUSE], report.text(strange)
    assert "does not speak TLS, or its certificate is not trusted" in strange.findings[0].title
    assert (known.verdict, known.findings) == ("healthy", ()), report.text(known)


def test_what_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    password = secrets.token_urlsafe(8)
    monkeypatch.setenv("ALL_PROXY", f"https://me:{password}@proxy.example:8443")
    monkeypatch.setenv("NO_PROXY", "localhost,.internal.example")
    found = proxy_of("https://api.example/x")
    assert found is not None
    assert (found.url, found.variable, found.bypass) == ("https://proxy.example:8443", "ALL_PROXY", False)
    assert found.user == Secret(f"me:{password}")
    assert password not in repr(found)
    exempt = proxy_of("http://a.internal.example/")
    assert exempt is not None
    assert exempt.bypass
    monkeypatch.delenv("ALL_PROXY")
    assert proxy_of("https://api.example/x") is None
