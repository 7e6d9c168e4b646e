from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme

from diagnostics import net


def _server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@asynccontextmanager
async def _listening(context: ssl.SSLContext | None, *, silent: bool = False) -> AsyncIterator[int]:
    ended: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        ended.append(task)
        with suppress(OSError, ssl.SSLError):
            while await reader.read(100):
                if not silent:
                    writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                    break
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.sleep(0.05)
        await asyncio.gather(*ended)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, str]:
    ca = trustme.CA()
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return ca, str(path)


async def test_a_name_and_a_port_that_answer() -> None:
    async with _listening(None) as port:
        found = await net.resolve("localhost", port)
        opened = await net.connect("127.0.0.1", port)
    assert "127.0.0.1" in found.addresses
    assert found.error == ""
    assert (opened.address, opened.error) == ("127.0.0.1", "")


async def test_what_does_not_answer_says_how() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = taken.getsockname()[1]
    assert (await net.resolve("nowhere.invalid", 80)).error == "unknown-name"
    assert (await net.connect("127.0.0.1", closed)).error == "refused"
    assert (await net.connect("localhost", closed)).error == "refused"
    assert (await net.connect("nowhere.invalid", 80)).error == "unknown-name"
    assert (await net.handshake("127.0.0.1", closed)).error == "refused"


async def test_a_trusted_certificate(authority: tuple[trustme.CA, str]) -> None:
    ca, path = authority
    async with _listening(_server_context(ca.issue_cert("localhost", "127.0.0.1"))) as port:
        seen = await net.handshake("localhost", port, path)
    assert (seen.error, seen.verify_code) == ("", None)
    assert seen.version.startswith("TLS")
    assert set(seen.names) == {"localhost", "127.0.0.1"}
    assert seen.not_after is not None
    assert seen.not_after > time.time()
    assert "trustme" in seen.issuer


async def test_refused_certificates_are_still_read(authority: tuple[trustme.CA, str]) -> None:
    ca, path = authority
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
    expired = ca.issue_cert("localhost", not_before=past - datetime.timedelta(days=9), not_after=past)
    async with _listening(_server_context(expired)) as port:
        seen = await net.handshake("localhost", port, path)
        unknown = await net.handshake("localhost", port)
    assert (seen.error, seen.verify_code) == ("verify", 10)
    assert seen.not_after == pytest.approx(past.timestamp(), abs=1)
    assert unknown.verify_code in (18, 19, 20, 21)
    async with _listening(_server_context(ca.issue_cert("elsewhere.example"))) as port:
        other = await net.handshake("localhost", port, path)
    assert (other.error, other.verify_code, other.names) == ("verify", 62, ("elsewhere.example",))


async def test_a_port_that_speaks_plain_http() -> None:
    async with _listening(None) as port:
        assert (await net.handshake("localhost", port)).error == "not-tls"


async def test_a_port_that_says_nothing() -> None:
    async with _listening(None, silent=True) as port:
        assert (await net.handshake("127.0.0.1", port, timeout=0.2)).error == "timeout"


def test_the_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:hidden@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert net.proxy_for("https://api.example/x") == "http://proxy.example:3128"
    assert net.proxy_for("https://inside.example/x") == ""
    assert net.proxy_for("http://api.example/x") == ""
