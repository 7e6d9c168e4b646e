"""From a library's exception to one sentence: why no answer came. The library's own text is never repeated,
for it may quote a header or an address with a password in it."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from .errors import TransportError
from .proxies import proxy_of


class TlsError(TransportError):
    """TLS failed; ``verify_code`` is OpenSSL's (10 expired, 18 self-signed, 19/20 unknown authority, 62 host)."""

    def __init__(
        self, id: str, title: str, detail: str, fix: tuple[str, ...], verify_code: int | None = None
    ) -> None:
        super().__init__(id, title, detail, fix)
        self.verify_code = verify_code


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, and the members of groups."""
    pending: list[BaseException] = [error]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            pending.extend(current.exceptions)
        pending.extend(e for e in (current.__cause__, current.__context__) if e is not None)


def described(error: BaseException, url: str, budget: float) -> TransportError:
    """The one reason behind a failed request. ``budget`` is in seconds."""
    import httpx

    host = urlsplit(url).hostname or "the host"
    port = urlsplit(url).port or (443 if urlsplit(url).scheme == "https" else 80)
    causes = tuple(chain(error))

    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsError(
                "tls-failed",
                f"The certificate of {host} is not accepted.",
                cause.verify_message or "It could not be verified.",
                ("Run authwizard doctor with this address: it names what is wrong with the certificate.",),
                cause.verify_code,
            )
    if any(isinstance(c, socket.gaierror) for c in causes):
        return TransportError(
            "dns-unresolved",
            f"The name {host} is not known here.",
            "This machine's name service has no address for it.",
            ["Check the spelling.", "If it is a company's name, join the VPN."],
        )
    proxy = proxy_of(url)
    if any(isinstance(c, ConnectionRefusedError) or _errno(c) == errno.ECONNREFUSED for c in causes):
        if proxy is not None and not proxy.bypass:
            return TransportError(
                "proxy-refused",
                f"Nothing listens at {proxy.url}, the proxy on the way to {host}.",
                f"{proxy.variable} names it, and the connection was refused.",
                [f"Correct {proxy.variable}.", f"Or name {host} in NO_PROXY."],
            )
        return TransportError(
            "connection-refused",
            f"Nothing listens at {host}, port {port}.",
            "The connection was refused.",
            ["Start the service, or correct the port."],
        )
    if any(isinstance(c, httpx.ProxyError) for c in causes):
        return TransportError(
            "proxy-refused",
            "The proxy refused to pass the request on.",
            f"On the way to {host}, through {proxy.url} ({proxy.variable})."
            if proxy
            else f"On the way to {host}.",
            ["Check the proxy's user name and password.", f"Or name {host} in NO_PROXY."],
        )
    if any(isinstance(c, (TimeoutError, httpx.TimeoutException)) for c in causes):
        return TransportError(
            "timeout",
            f"{host} did not answer in time.",
            f"Waited {budget:.3g} s.",
            ["Try again.", "If it goes on, ask the server's admin, or give a longer --timeout."],
        )
    if any(isinstance(c, ssl.SSLError) for c in causes):
        return TlsError(
            "tls-failed",
            f"No TLS connection to {host} could be made.",
            "The server does not speak TLS as this program does.",
            ("Check that the port is the one for https.",),
        )
    if any(isinstance(c, httpx.LocalProtocolError) for c in causes):
        return TransportError(
            "header-invalid", "A header's value cannot be sent.", "It holds what HTTP forbids."
        )
    if any(isinstance(c, httpx.RemoteProtocolError) and "too long" in str(c).lower() for c in causes):
        return TransportError(
            "too-large", "The answer's headers are larger than this program reads.", f"From {host}."
        )
    if any(isinstance(c, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)) for c in causes):
        return TransportError(
            "connection-closed",
            f"{host} closed the connection without a whole answer.",
            "It was reached, and did not finish what it said.",
            ["Try again.", "If it goes on, what stands before the server may be cutting the connection."],
        )
    if isinstance(error, httpx.InvalidURL):
        return TransportError("unreachable", "That address cannot be asked.", "Its form is wrong.")
    return TransportError(
        "unreachable",
        f"{host} could not be reached.",
        f"Port {port}: no way there from this machine.",
        ["Check the network and the VPN."],
    )


def proxy_unusable(url: str) -> TransportError:
    """The proxy that the environment names is none that can be asked."""
    proxy = proxy_of(url)
    named = f"{proxy.variable} names {proxy.url}" if proxy else "The environment names a proxy"
    why = f": {proxy.problem}." if proxy and proxy.problem else ", and it cannot be used."
    return TransportError(
        "proxy-refused",
        "The proxy that the environment names cannot be used.",
        f"{named}{why}",
        ["Correct the variable: http://host:port.", "Or name the host in NO_PROXY."],
    )


def _errno(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None
