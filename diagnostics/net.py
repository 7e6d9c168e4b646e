"""Name, address, port and certificate of a host, asked one by one, so that a failure says which of them it was.

Nothing here raises for what the network does; each answer names its own error as a short word.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    Opener = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """``error`` is empty, ``unknown-name``, ``no-answer`` (the name server could not be asked) or ``timeout``."""

    addresses: tuple[str, ...]
    error: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Connected:
    """``error`` is empty, ``refused``, ``timeout``, ``unreachable`` or ``unknown-name``."""

    address: str
    error: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Handshake:
    """A TLS handshake and the certificate that was met, also where it was not trusted.

    ``not_before`` and ``not_after`` are seconds since 1970. ``verify_code`` is OpenSSL's (10 expired, 9 not yet
    valid, 62 host mismatch, 18 self-signed, 20 unknown authority or an intermediate missing), None where the
    certificate is trusted or was never seen. ``error`` is empty, ``verify``, ``not-tls``, ``closed``,
    ``client-certificate``, ``timeout``, ``refused``, ``unreachable``, ``unknown-name`` or ``protocol``;
    ``reason`` is the library's own words.
    """

    version: str
    not_after: float | None
    names: tuple[str, ...]
    issuer: str
    verify_code: int | None
    error: str
    seconds: float
    not_before: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Certificate:
    not_before: float | None = None
    not_after: float | None = None
    names: tuple[str, ...] = ()
    issuer: str = ""


async def resolve(host: str, port: int, timeout: float = 5) -> Resolved:
    """The addresses of a name, in the order in which they would be tried."""
    began = time.monotonic()
    addresses: tuple[str, ...] = ()
    error = ""
    try:
        async with asyncio.timeout(timeout):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = tuple(dict.fromkeys(str(where[0]) for *_, where in found))
    except (OSError, UnicodeError, TimeoutError) as failure:
        error = kind(failure)
        # Only a name that is known not to exist is "unknown"; a name server that is silent is another story.
        if isinstance(failure, socket.gaierror) and failure.errno == socket.EAI_AGAIN:
            error = "no-answer"
    return Resolved(addresses, error, time.monotonic() - began)


async def connect(host: str, port: int, timeout: float = 5) -> Connected:
    """Open a TCP connection and close it."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25)
    except (OSError, UnicodeError, TimeoutError) as failure:
        return Connected("", kind(failure), time.monotonic() - began)
    seconds = time.monotonic() - began
    address = str((writer.get_extra_info("peername") or ("",))[0])
    await close(writer)
    return Connected(address, "", seconds)


async def handshake(
    host: str, port: int, ca: str | None = None, timeout: float = 10, opened: Opener | None = None
) -> Handshake:
    """Do a TLS handshake with the trust that requests have (`wizard.transport.trust`).

    ``opened`` gives the connection to do it over (a proxy's tunnel); without it one is made to the host itself.

    Where the certificate is refused, a second handshake reads its dates and names; nothing is sent over it.
    Raises: UsageError ``ca-unreadable``.
    """
    import ssl

    from wizard.transport import trust

    began = time.monotonic()
    context = trust(ca)
    version, certificate, code, error, reason = "", _Certificate(), None, "", ""
    try:
        version, certificate = await _shake(host, port, context, timeout, opened)
    except ssl.SSLCertVerificationError as failure:
        code, error, reason = failure.verify_code, "verify", failure.verify_message
        version, certificate = await _unverified(host, port, timeout, opened)
    except ssl.SSLError as failure:
        error, reason = _ssl_kind(failure), (failure.reason or "").replace("_", " ").lower()
    except (OSError, EOFError, UnicodeError, TimeoutError) as failure:
        error = kind(failure)
    return Handshake(
        version=version,
        not_after=certificate.not_after,
        names=certificate.names,
        issuer=certificate.issuer,
        verify_code=code,
        error=error,
        seconds=time.monotonic() - began,
        not_before=certificate.not_before,
        reason=reason,
    )


def proxy_for(url: str) -> str:
    """The proxy that the environment names for this address, without user and password; empty for none."""
    from wizard.proxies import proxy_of

    found = proxy_of(url)
    return found.url if found and not found.bypass else ""


async def _shake(
    host: str, port: int, context: ssl.SSLContext, timeout: float, opened: Opener | None
) -> tuple[str, _Certificate]:
    async with asyncio.timeout(timeout):
        if opened is None:
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
        else:
            _, writer = await opened()
            try:
                await writer.start_tls(context, server_hostname=host)
            except BaseException:
                writer.transport.abort()
                raise
    try:
        tls = writer.get_extra_info("ssl_object")
        return tls.version() or "", _read(tls.getpeercert(binary_form=True))
    finally:
        await close(writer)


async def _unverified(
    host: str, port: int, timeout: float, opened: Opener | None
) -> tuple[str, _Certificate]:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return await _shake(host, port, context, timeout, opened)
    except (OSError, EOFError, TimeoutError):
        return "", _Certificate()


def _read(der: bytes | None) -> _Certificate:
    """Dates, names and issuer; nothing where the certificate cannot be read."""
    if not der:
        return _Certificate()
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        issuer = ", ".join(
            str(a.value)
            for a in certificate.issuer
            if a.oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME)
        )
        before, after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return _Certificate(before.timestamp(), after.timestamp(), _names(certificate), issuer)
    except ValueError:
        return _Certificate()


def _names(certificate: object) -> tuple[str, ...]:
    from cryptography import x509

    assert isinstance(certificate, x509.Certificate)  # noqa: S101  # a type, kept out of the signature: deferred import
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = found.get_values_for_type(x509.DNSName)
    return (*hosts, *(str(a) for a in found.get_values_for_type(x509.IPAddress)))


def kind(failure: Exception) -> str:
    """The word for a failure of the network, as in `Connected`."""
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, (socket.gaierror, UnicodeError)):
        return "unknown-name"
    if isinstance(failure, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, EOFError)):
        return "closed"
    # asyncio joins the failures of several addresses into one text without a number.
    if isinstance(failure, ConnectionRefusedError) or f"Errno {errno.ECONNREFUSED}]" in str(failure):
        return "refused"
    return "unreachable"


def _ssl_kind(failure: ssl.SSLError) -> str:
    reason = failure.reason or ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"):
        return "not-tls"
    if "CERTIFICATE_REQUIRED" in reason:
        return "client-certificate"
    return "closed" if "EOF" in reason else "protocol"


async def close(writer: asyncio.StreamWriter) -> None:
    """End a connection, and do not wait for a peer that is slow to end it."""
    writer.close()
    try:
        async with asyncio.timeout(1):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
