"""Who signed the certificate: a maker of inspection, an authority of one's own, nobody; and what programs trust."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from servers.raw import answer

from diagnostics import doctor, report, targets
from diagnostics.causes.book import REGISTRY
from diagnostics.doctor import Diagnosis
from diagnostics.inspection import vendor_of
from wizard.secret import Secret
from wizard.transport import Transport

pytestmark = pytest.mark.slow

CAUSE = "tls-interception-ca-not-trusted"
TOKEN = Secret(secrets.token_urlsafe(24))


@asynccontextmanager
async def signed_by(authority: trustme.CA) -> AsyncIterator[str]:
    """An API that takes one token, its certificate signed by this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            good = TOKEN.reveal() in (await reader.readuntil(b"\r\n\r\n")).decode()
            writer.write(answer(200, {"ok": True}) if good else answer(401, www_authenticate="Bearer"))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"


def pem(authority: trustme.CA, folder: Path) -> str:
    place = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(place))
    return str(place)


async def diagnosed(url: str, ca: str | None = None, credential: Secret = TOKEN) -> Diagnosis:
    async with Transport(timeout=5, ca=ca) as transport:
        return await doctor.diagnose(targets.from_url(url, credential=credential, kind="api"), transport)


@pytest.mark.parametrize(
    ("organisation", "certainty", "says"),
    [
        ("Zscaler Inc.", "proven", "Zscaler opens TLS"),
        ("Netskope Inc", "proven", "Netskope opens TLS"),
        ("The Company's own CA", "likely", "not trusted here"),
    ],
)
async def test_an_authority_that_is_not_trusted(
    organisation: str, certainty: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = tmp_path / "nothing.pem"
    empty.touch()
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(empty))
    monkeypatch.setenv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
    async with signed_by(trustme.CA(organization_name=organisation)) as url:
        found = await diagnosed(url)
        monkeypatch.delitem(REGISTRY, CAUSE)
        without = await diagnosed(url)
    assert found.verdict == "unreachable"
    first = found.findings[0]
    assert (first.cause, first.certainty) == (CAUSE, certainty), report.text(found)
    assert CAUSE not in [f.cause for f in without.findings]
    assert says in first.title
    told = " ".join(e.fact for e in first.evidence)
    assert f"NODE_EXTRA_CA_CERTS={empty} (holds no certificate in PEM form)" in told
    fix = " ".join(first.fix)
    for name in ("--ca FILE", "NODE_EXTRA_CA_CERTS=FILE", "SSL_CERT_FILE=FILE", "Never switch the check off"):
        assert name in fix
    assert "Take NODE_TLS_REJECT_UNAUTHORIZED=0 out" in fix


async def test_the_same_authority_trusted_is_a_warning_until_node_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA(organization_name="Zscaler Inc.")
    ca = pem(authority, tmp_path)
    async with signed_by(authority) as url:
        warned = await diagnosed(url, ca)
        false = await diagnosed(url, ca, Secret(secrets.token_urlsafe(24)))
        monkeypatch.setenv("NODE_EXTRA_CA_CERTS", ca)
        told = await diagnosed(url, ca)
    assert (warned.verdict, warned.findings) == ("healthy", ())
    assert [w.cause for w in warned.warnings] == [CAUSE]
    assert [f.cause for f in false.findings] == ["token-not-recognised"], report.text(false)
    assert (told.verdict, told.findings, told.warnings) == ("healthy", (), ()), report.text(told)


async def test_an_authority_of_ones_own_given_by_file_is_healthy(tmp_path: Path) -> None:
    authority = trustme.CA(organization_name="The Company's own CA")
    async with signed_by(authority) as url:
        found = await diagnosed(url, pem(authority, tmp_path))
    assert (found.verdict, found.findings, found.warnings) == ("healthy", (), ()), report.text(found)


@pytest.mark.parametrize(
    ("issuer", "host", "vendor"),
    [
        ("Zscaler Intermediate Root CA (zscaler.net), Zscaler Inc.", "api.example.com", "Zscaler"),
        ("ca.example.goskope.com, Example", "api.example.com", "Netskope"),
        ("FG100F, Fortinet", "api.example.com", "Fortinet"),
        ("FG100F, Fortinet", "support.fortinet.com", ""),
        ("R11, Let's Encrypt", "api.example.com", ""),
        ("WE1, Google Trust Services", "api.example.com", ""),
        ("Amazon RSA 2048 M02, Amazon", "api.example.com", ""),
        ("Sectigo ECC Domain Validation, Sectigo Limited", "github.com", ""),
        ("Cloudflare Inc ECC CA-3, Cloudflare, Inc.", "api.example.com", ""),
        ("", "api.example.com", ""),
    ],
)
def test_who_signs_so(issuer: str, host: str, vendor: str) -> None:
    assert vendor_of(issuer, host) == vendor
