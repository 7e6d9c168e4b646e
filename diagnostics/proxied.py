"""Asking through a proxy by hand, so that its own refusal is told apart from the server's."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wizard.proxies import Proxy, proxy_of
from wizard.secret import Secret

from . import net

if TYPE_CHECKING:
    from wizard.transport import Headers

_HEAD: Final = 65536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of asking through a proxy. ``status`` is None where no answer came: then ``error`` is a word of
    `diagnostics.net.Connected`, or ``closed``, ``not-http``, ``not-tls``. ``tunnel`` is True for a CONNECT, whose
    answer is always the proxy's own; ``asks`` is its Proxy-Authenticate, ``server`` names who answered."""

    status: int | None
    error: str = ""
    tunnel: bool = False
    asks: str = ""
    server: str = ""
    via: str = ""
    seconds: float = 0.0

    def seen(self) -> str:
        """The status, or why there is none."""
        what = "CONNECT" if self.tunnel else "GET"
        return f"{what} is answered {self.status}" if self.status is not None else (self.error or "no answer")

    def same_as(self, other: Passed) -> bool:
        """Whether the same one answered in the same way."""
        return (self.status, self.server, self.via) == (other.status, other.server, other.via)


class NotPassed(OSError):
    """The proxy made no tunnel."""


async def through(proxy: Proxy, url: str, user: Secret | None, timeout: float = 5) -> Passed:
    """Ask the proxy for a way to the address: CONNECT for https, a GET without any credential for http.

    Nothing is sent through the tunnel, and no body is read. Never raises for what the network does.
    """
    parts = urlsplit(url)
    secure = parts.scheme.lower() == "https"
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await _reach(proxy)
            try:
                asked = _connect(parts.hostname or "", parts.port or 443) if secure else _get(url)
                status, headers = await _ask(reader, writer, asked, user)
            finally:
                await net.close(writer)
    except (OSError, EOFError, UnicodeError, TimeoutError, ValueError, asyncio.LimitOverrunError) as failure:
        return Passed(None, _kind(failure), secure, seconds=time.monotonic() - began)
    return Passed(
        status,
        "",
        secure,
        (headers.get("proxy-authenticate") or "")[:80],
        (headers.get("server") or headers.get("proxy-agent") or "")[:80],
        (headers.get("via") or "")[:80],
        time.monotonic() - began,
    )


async def tunnel(proxy: Proxy, host: str, port: int) -> Streams:
    """A connection to the host through the proxy, with the user that the environment names.

    Raises: OSError (`NotPassed` where the proxy refuses), EOFError, TimeoutError.
    """
    reader, writer = await _reach(proxy)
    try:
        status, _ = await _ask(reader, writer, _connect(host, port), proxy.user)
        if not 200 <= status < 300:
            raise NotPassed(f"the proxy answers {status}")
    except BaseException:
        writer.close()
        raise
    return reader, writer


def opener(url: str, host: str, port: int) -> net.Opener | None:
    """How a connection to the host is made where a proxy is on the way; None where it is made straight."""
    proxy = proxy_of(url)
    return None if proxy is None or proxy.bypass else partial(tunnel, proxy, host, port)


async def straight(url: str, timeout: float = 5) -> Passed:
    """The same GET of an http address past every proxy, without any credential. Never raises."""
    parts = urlsplit(url)
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80, limit=_HEAD)
            try:
                path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
                asked = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n"
                status, headers = await _ask(reader, writer, asked, None)
            finally:
                await net.close(writer)
    except (OSError, EOFError, UnicodeError, TimeoutError, ValueError, asyncio.LimitOverrunError) as failure:
        return Passed(None, _kind(failure), seconds=time.monotonic() - began)
    return Passed(status, server=(headers.get("server") or "")[:80], seconds=time.monotonic() - began)


async def _reach(proxy: Proxy) -> Streams:
    if proxy.problem:
        raise NotPassed(proxy.problem)
    if not proxy.secure:
        return await asyncio.open_connection(proxy.host, proxy.port, limit=_HEAD)
    from wizard.trust import trust

    return await asyncio.open_connection(
        proxy.host, proxy.port, limit=_HEAD, ssl=trust(), server_hostname=proxy.host
    )


def _connect(host: str, port: int) -> str:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"CONNECT {where} HTTP/1.1\r\nHost: {where}\r\n"


def _get(url: str) -> str:
    parts = urlsplit(url)
    return f"GET {parts._replace(fragment='').geturl()} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n"


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: str, user: Secret | None
) -> tuple[int, Headers]:
    from wizard.transport import Headers

    if user is not None:
        asked += f"Proxy-Authorization: Basic {base64.b64encode(user.reveal().encode()).decode()}\r\n"
    if asked.startswith("GET"):
        asked += "Connection: close\r\n"
    writer.write(f"{asked}\r\n".encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    protocol, _, rest = head[0].partition(" ")
    if not protocol.startswith("HTTP/") or not rest[:3].isdigit():
        raise ValueError("no HTTP answer")
    pairs = (line.partition(":") for line in head[1:] if ":" in line)
    return int(rest[:3]), Headers(tuple((name.strip(), value.strip()) for name, _, value in pairs))


def _kind(failure: Exception) -> str:
    import ssl

    if isinstance(failure, ssl.SSLError):
        return "not-tls"
    if isinstance(failure, (ValueError, asyncio.LimitOverrunError)) and not isinstance(failure, UnicodeError):
        return "not-http"
    return "closed" if isinstance(failure, EOFError) else net.kind(failure)
