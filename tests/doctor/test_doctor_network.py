"""What goes wrong before a server is asked: the name, the port, the certificate. Certificates are made at run time."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from diagnostics import doctor, report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from wizard.choice import Choice
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


async def diagnosed(url: str, ca: str | None = None) -> Diagnosis:
    async with Transport(timeout=5, ca=ca) as transport:
        return await doctor.diagnose(
            targets.from_url(url, credential=Secret("a" * 24), kind="api"), transport
        )


@asynccontextmanager
async def serving(context: ssl.SSLContext | None, reply: bytes = _OK) -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    place = folder / "own.pem"
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    place.write_bytes(text + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place)
    return context


async def _named_and_unnamed(
    cause: str, ask: Callable[[], object], monkeypatch: pytest.MonkeyPatch, certainty: str = "proven"
) -> Diagnosis:
    found = await ask()  # type: ignore[misc]  # a coroutine function of the test's own
    assert isinstance(found, Diagnosis)
    assert found.verdict == "unreachable", report.text(found)
    assert [f.cause for f in found.findings] == [cause], report.text(found)
    assert found.findings[0].certainty == certainty
    monkeypatch.delitem(REGISTRY, cause)
    without = await ask()  # type: ignore[misc]  # as above
    assert without.verdict == "unreachable"
    assert cause not in [f.cause for f in without.findings]
    return found


async def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> Diagnosis:
        return await diagnosed("https://mcp.example.invalid/mcp")

    found = await _named_and_unnamed("dns-name-unresolvable-or-split-horizon", ask, monkeypatch)
    assert "mcp.example.invalid" in found.findings[0].title


async def test_a_port_where_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def ask() -> Diagnosis:
        return await diagnosed(f"http://127.0.0.1:{port}/")

    found = await _named_and_unnamed("connection-refused", ask, monkeypatch)
    assert str(port) in found.findings[0].title


@pytest.mark.parametrize(
    ("defect", "cause", "certainty"),
    [
        ("expired", "tls-server-certificate-expired", "proven"),
        ("host", "tls-hostname-mismatch", "proven"),
        ("self", "tls-self-signed-server", "proven"),
        ("authority", "tls-interception-ca-not-trusted", "likely"),
    ],
)
async def test_a_certificate_with_a_defect(
    defect: str, cause: str, certainty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
    context = {
        "expired": lambda: context_of(authority.issue_cert("localhost", not_after=past)),
        "host": lambda: context_of(authority.issue_cert("mcp.example.org")),
        "self": lambda: self_signed(tmp_path),
        "authority": lambda: context_of(trustme.CA().issue_cert("localhost")),
    }[defect]()
    async with serving(context) as port:

        async def ask() -> Diagnosis:
            return await diagnosed(f"https://localhost:{port}/", str(ca))

        found = await _named_and_unnamed(cause, ask, monkeypatch, certainty)
    if defect == "host":
        assert "mcp.example.org" in found.findings[0].title


async def test_a_good_certificate_is_healthy(tmp_path: Path) -> None:
    authority = trustme.CA()
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    async with serving(context_of(authority.issue_cert("localhost"))) as port:
        found = await diagnosed(f"https://localhost:{port}/", str(ca))
    assert (found.verdict, found.findings) == ("healthy", ()), report.text(found)
    assert [w.cause for w in found.warnings] == ["auth-disabled"]


async def test_an_address_with_nothing_of_the_service_is_likely_the_wrong_one() -> None:
    nothing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with serving(None, nothing) as port:
        found = await diagnosed(f"http://127.0.0.1:{port}/v1/things")
    assert [(f.cause, f.certainty) for f in found.findings] == [("wrong-environment-url", "likely")]
    assert found.verdict == "broken"


@pytest.mark.slow
async def test_a_server_that_hangs_closes_or_talks_nonsense_is_no_traceback() -> None:
    for reply in (b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"):
        async with serving(None, reply) as port:
            found = await diagnosed(f"http://127.0.0.1:{port}/")
        assert found.verdict == "unreachable", (reply, report.text(found))
        assert found.findings == ()


async def test_a_practice_service_that_was_ended_is_told_how_to_start(home: Path) -> None:
    from sandbox import practice
    from wizard import catalogue

    with practice.start() as running:
        site = running.services["fleet"]
        service = catalogue.load().get("fleet")
        environment, method = service.environment("practice"), service.method("bearer")
        assert environment is not None
        assert method is not None
        target = targets.build(
            Choice(
                service,
                environment,
                method,
                url=site.url,
                secrets={"token": site.credentials["token"]},
                name="it",
            )
        )
        async with Transport(timeout=5) as transport:
            well = await doctor.diagnose(target, transport)
    async with Transport(timeout=5) as transport:
        dead = await doctor.diagnose(target, transport)
    assert (well.verdict, well.findings) == ("healthy", ())
    assert [f.cause for f in dead.findings] == ["connection-refused"]
    assert "authwizard --practice" in dead.findings[0].fix[0]
    assert "authwizard sandbox" in dead.findings[0].fix[0]
