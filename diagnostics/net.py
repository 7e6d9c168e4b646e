"""Name, address, port and certificate of a host, asked one by one, so that a failure says which of them it was.

Nothing here raises for what the network does; each answer names its own error as a short word.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .certificates import Certificate, read
from .words import date_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    Opener = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

_OF_TIME: Final = (9, 10)
"""OpenSSL's codes for a certificate that is not valid yet, or no more."""
_GOODBYE: Final = 0.2
"""Seconds in which a peer ends what we ended."""
_REFUSAL: Final = 1.0
"""Seconds in which a server has refused what it read in the handshake."""


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
    ``reason`` is the library's own words. ``sent`` is how many certificates the server sent (0: not known), and
    ``signers_at`` where the signer of the first one is to be had. ``ahead`` is how many seconds this machine's clock is
    ahead of the server's, asked only where the certificate was refused for its dates; nobody vouches for it.
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
    sent: int = 0
    signers_at: tuple[str, ...] = ()
    ahead: float | None = None


@dataclass(frozen=True, slots=True)
class _Met:
    version: str = ""
    certificate: Certificate = field(default_factory=Certificate)
    sent: int = 0
    ahead: float | None = None


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
    host: str,
    port: int,
    ca: str | None = None,
    timeout: float = 10,
    opened: Opener | None = None,
    *,
    between: bytes = b"",
) -> Handshake:
    """Do a TLS handshake with the trust that requests have (`wizard.transport.trust`).

    ``opened`` gives the connection to do it over (a proxy's tunnel); without it one is made to the host itself.
    ``between`` are certificates (PEM) that the server might have sent between its own and a trusted one.

    Where the certificate is refused, a second handshake reads its dates and names. Nothing is sent over it, unless it
    is refused for its dates: then the root is asked for without a credential, for the time that the server has.
    Raises: UsageError ``ca-unreadable``.
    """
    import ssl

    from wizard.transport import trust

    began = time.monotonic()
    context = trust(ca)
    if between:
        context.load_verify_locations(cadata=between.decode())
    met, code, error, reason = _Met(), None, "", ""
    try:
        met = await _shake(host, port, context, timeout, opened)
    except ssl.SSLCertVerificationError as failure:
        code, error, reason = failure.verify_code, "verify", failure.verify_message
        met = await _unverified(host, port, timeout, opened, asks=code in _OF_TIME)
    except ssl.SSLError as failure:
        error, reason = _ssl_kind(failure), (failure.reason or "").replace("_", " ").lower()
    except (OSError, EOFError, UnicodeError, TimeoutError) as failure:
        error = kind(failure)
    return Handshake(
        version=met.version,
        not_after=met.certificate.not_after,
        names=met.certificate.names,
        issuer=met.certificate.issuer,
        verify_code=code,
        error=error,
        seconds=time.monotonic() - began,
        not_before=met.certificate.not_before,
        reason=reason,
        sent=met.sent,
        signers_at=met.certificate.signers_at,
        ahead=met.ahead,
    )


def proxy_for(url: str) -> str:
    """The proxy that the environment names for this address, without user and password; empty for none."""
    from wizard.proxies import proxy_of

    found = proxy_of(url)
    return found.url if found and not found.bypass else ""


async def _shake(
    host: str,
    port: int,
    context: ssl.SSLContext,
    timeout: float,
    opened: Opener | None,
    *,
    asks: bool = False,
) -> _Met:
    async with asyncio.timeout(timeout):
        reader, writer = await _opened(host, port, context, opened)
    try:
        tls = writer.get_extra_info("ssl_object")
        ahead = await _ahead(host, port, reader, writer, timeout) if asks else None
        return _Met(tls.version() or "", read(tls.getpeercert(binary_form=True)), _sent(tls), ahead)
    finally:
        await close(writer)


async def _opened(
    host: str, port: int, context: ssl.SSLContext, opened: Opener | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if opened is None:
        return await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    reader, writer = await opened()
    try:
        await writer.start_tls(context, server_hostname=host)
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


async def _unverified(
    host: str, port: int, timeout: float, opened: Opener | None, *, asks: bool = False
) -> _Met:
    try:
        return await _shake(host, port, unverified(), timeout, opened, asks=asks)
    except (OSError, EOFError, TimeoutError):
        return _Met()


async def version_of(
    host: str, port: int, context: ssl.SSLContext, timeout: float, opened: Opener | None = None
) -> str:
    """The version of TLS that both sides settle on. Raises: ssl.SSLError, OSError, EOFError, TimeoutError."""
    return (await _shake(host, port, context, timeout, opened)).version


async def wants_certificate(
    host: str, port: int, timeout: float, opened: Opener | None = None
) -> tuple[bool, str]:
    """Whether the server asks for a client's certificate in the handshake, and how it ends the connection without one:
    OpenSSL's words of its alert, or ``closed``; empty where it does not end it. Nothing is sent."""
    import ssl

    context = unverified()
    asked: list[object] = []

    def heard(_: object, direction: str, *rest: object) -> None:
        asked.extend(
            r for r in rest if direction == "read" and getattr(r, "name", "") == "CERTIFICATE_REQUEST"
        )

    # For debugging, says Python; there is no other way to see this message. Without it only the alert tells.
    with contextlib.suppress(AttributeError, TypeError):
        context._msg_callback = heard  # type: ignore[attr-defined]  # see above
    alert = ""
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await _opened(host, port, context, opened)
            try:
                # TLS 1.3 refuses only after the handshake; who does not refuse waits for a request.
                async with asyncio.timeout(min(timeout, _REFUSAL)):
                    alert = "" if await reader.read(1) else "closed"
            except TimeoutError:
                alert = ""
            finally:
                await close(writer)
    except ssl.SSLError as failure:
        alert = (failure.reason or "").replace("_", " ").lower() or "closed"
    except (OSError, EOFError, TimeoutError) as failure:
        alert = "closed" if kind(failure) == "closed" else ""
    return bool(asked), alert


def unverified(*, oldest: bool = False) -> ssl.SSLContext:
    """For looking at what a server shows, and never for a credential. With ``oldest`` what RFC 8996 forbids is offered
    as well, for as far as the library has it still."""
    import ssl
    import warnings

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if oldest:
        with warnings.catch_warnings():
            # to offer it is the question itself
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _sent(tls: object) -> int:
    """How many certificates came; 0 where this Python does not tell (public from 3.13 on)."""
    inner = getattr(tls, "_sslobj", None)
    for holder in (tls, inner):
        ask = getattr(holder, "get_unverified_chain", None)
        if ask is not None:
            return len(ask() or ())
    return 0


async def _ahead(
    host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout: float
) -> float | None:
    """This machine's time less that of the answer's Date; None where none came."""
    name = f"[{host}]" if ":" in host else host
    try:
        async with asyncio.timeout(timeout):
            writer.write(f"GET / HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
        return None
    pairs = (line.partition(":") for line in lines[1:])
    told = next((v.strip() for n, _, v in pairs if n.strip().lower() == "date"), None)
    date = date_of(told)
    return None if date is None else time.time() - date


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
        async with asyncio.timeout(_GOODBYE):
            await writer.wait_closed()
    except (OSError, TimeoutError):
        writer.transport.abort()
