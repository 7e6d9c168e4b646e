"""The one HTTP client. Every exchange is recorded, redacted as it is recorded; nothing is followed that would
carry a credential to another origin; nothing is read past the limits.

Error tree: `wizard.errors.TransportError`, with an ``id`` from `IDS`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urljoin, urlsplit

from .errors import TransportError, UsageError
from .redaction import Redactor, tells_a_secret
from .secret import Secret
from .transport_errors import described

if TYPE_CHECKING:
    import ssl

    import httpx

NO_HEADERS: Final[Mapping[str, Secret | str]] = MappingProxyType({})
_EXCERPT: Final = 2000
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Limits:
    """``body`` in bytes after decoding, ``headers`` in bytes, ``redirects`` as a count (CONTRACT, limits)."""

    body: int = 10_000_000
    headers: int = 256_000
    redirects: int = 10


class Headers:
    """A response's header fields: names in any case, every line kept (RFC 9110 section 5.3)."""

    __slots__ = ("_lines",)

    def __init__(self, lines: tuple[tuple[str, str], ...]) -> None:
        self._lines = lines

    def get(self, name: str) -> str | None:
        """The first line of this name."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Each line of this name, in order."""
        return tuple(value for key, value in self._lines if key.lower() == name.lower())

    def items(self) -> tuple[tuple[str, str], ...]:
        """Every line, in order."""
        return self._lines


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request and its answer; every text in it is redacted. ``error`` is an id when none came."""

    number: int
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    status: int | None
    response_headers: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    seconds: float = 0.0
    error: str = ""

    def as_json(self) -> dict[str, object]:
        """Plain data for a report."""
        return {
            "number": self.number,
            "method": self.method,
            "url": self.url,
            "request_headers": [list(pair) for pair in self.request_headers],
            "status": self.status,
            "response_headers": [list(pair) for pair in self.response_headers],
            "excerpt": self.excerpt,
            "seconds": round(self.seconds, 3),
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer with its whole body; ``number`` is its exchange's. Its repr shows no content."""

    status: int
    headers: Headers
    body: bytes
    url: str
    number: int

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.body)} bytes, exchange {self.number})"

    def text(self) -> str:
        """The body as UTF-8; what is not is replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises: TransportError ``not-json``."""
        import json

        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            kind = (self.headers.get("content-type") or "no content type").split(";")[0]
            raise TransportError(
                "not-json", "The server did not answer with JSON.", f"It sent {kind}, {len(self.body)} bytes."
            ) from error


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host as written (in lower case) and port: what a credential is bound to (RFC 6454)."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80)


def is_loopback(url: str) -> bool:
    """Whether the address names this very machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(text: str) -> str:
    """The address, if it is one that can be asked. Raises: UsageError ``not-a-url`` (without repeating it)."""

    def refuse(why: str) -> UsageError:
        return UsageError(
            "not-a-url", "That is not an address that can be asked.", why, ["Give it as https://host/path."]
        )

    text = text.strip()
    if any(ord(c) < 0x21 or ord(c) == 0x7F for c in text):
        raise refuse("It holds spaces or control characters.")
    try:
        parts = urlsplit(text)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError) as error:
        raise refuse("Its host or port cannot be read.") from error
    if parts.scheme.lower() not in ("http", "https"):
        raise refuse("It does not begin with https:// or http://.")
    if not parts.hostname or port == 0:
        raise refuse("It names no host.")
    if "@" in parts.netloc:
        raise refuse("It holds a user name or password; give those as a credential.")
    return text


class Transport:
    """One per job. ``timeout`` is the budget of each request in seconds, from first byte sent to last received."""

    def __init__(self, *, timeout: float = 30.0, ca: str | None = None, limits: Limits | None = None) -> None:
        self.timeout = timeout
        self.ca = ca
        self.limits = limits or Limits()
        self._redactor = Redactor()
        self._exchanges: dict[int, Exchange] = {}
        self._count = 0
        self._stack = AsyncExitStack()
        self._clients: dict[bool, httpx.AsyncClient] = {}

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was exchanged so far, in the order it was begun."""
        return tuple(self._exchanges[number] for number in sorted(self._exchanges))

    def know(self, *secrets: Secret) -> None:
        """Values that must never be recorded, wherever they turn up."""
        self._redactor.know(*secrets)

    def redact(self, text: str) -> str:
        """Any text from outside, before it is shown or kept."""
        return self._redactor.text(text)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        self._clients.clear()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, Secret | str] = NO_HEADERS,
        body: bytes | None = None,
        follow: bool = False,
        timeout: float | None = None,
    ) -> Reply:
        """Ask once, read the whole answer.

        With ``follow``, redirects are followed within the origin; to another one only where nothing secret is
        sent, else the redirect itself is the answer. Raises: TransportError.
        """
        carries_secret = any(isinstance(v, Secret) or tells_a_secret(k) for k, v in headers.items())
        budget = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + budget
        for _ in range(self.limits.redirects + 1):
            remaining = max(0.001, deadline - time.monotonic())
            async with self.stream(method, url, headers=headers, body=body, timeout=remaining) as answer:
                content = await answer.read()
            reply = Reply(answer.status, answer.headers, content, url, answer.number)
            place = reply.headers.get("location")
            if not follow or reply.status not in _REDIRECTS or not place:
                return reply
            onward = urljoin(url, place)
            if urlsplit(onward).scheme not in ("http", "https"):
                return reply
            if origin(onward) != origin(url) and (carries_secret or body is not None):
                return reply
            if reply.status == 303 or (reply.status in (301, 302) and method == "POST"):
                method, body = "GET", None
            url = onward
        raise TransportError(
            "too-many-redirects",
            "The server redirects without end.",
            f"{self.limits.redirects} redirects were followed, the last to {self._redactor.url(url)}.",
            ["Ask the server's admin where the service really answers."],
        )

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, Secret | str] = NO_HEADERS,
        body: bytes | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[StreamReply]:
        """Ask once, read the answer as it comes (event streams). Raises: TransportError."""
        url = check_url(url)
        plain = {name: _header_value(name, value) for name, value in headers.items()}
        self.know(*(v for v in headers.values() if isinstance(v, Secret)))
        self._count += 1
        number = self._count
        shown = tuple((name, self._redactor.header(name, value)) for name, value in plain.items())
        record = Exchange(number, method, self._redactor.url(url), shown, None)
        self._exchanges[number] = record
        budget = self.timeout if timeout is None else timeout
        began = time.monotonic()
        answer: StreamReply | None = None
        failure = ""
        try:
            async with asyncio.timeout(budget):
                client = await self._client(url)
                request = client.build_request(method, url, headers=plain, content=body)
                async with _opened(client, request) as response:
                    answer = StreamReply(response, number, self.limits)
                    yield answer
        except TimeoutError as error:
            failure = "timeout"
            raise described(error, url, budget) from error
        except TransportError as error:
            failure = error.id
            raise
        except _failures() as error:
            known = described(error, url, budget)
            failure = known.id
            # The library's own message may quote a header; it must not travel with ours.
            raise known from None
        finally:
            self._exchanges[number] = self._finished(record, answer, time.monotonic() - began, failure)

    def _finished(
        self, record: Exchange, answer: StreamReply | None, seconds: float, failure: str
    ) -> Exchange:
        if answer is None:
            return Exchange(
                record.number,
                record.method,
                record.url,
                record.request_headers,
                None,
                (),
                "",
                seconds,
                failure,
            )
        shown = tuple((name, self._redactor.header(name, value)) for name, value in answer.headers.items())
        excerpt = self._redactor.text(answer.seen.decode("utf-8", "replace"))[:_EXCERPT]
        return Exchange(
            record.number,
            record.method,
            record.url,
            record.request_headers,
            answer.status,
            shown,
            excerpt,
            seconds,
            failure,
        )

    async def _client(self, url: str) -> httpx.AsyncClient:
        """A client for plain or for TLS: trust is loaded only where it is needed (it costs 50 ms and more)."""
        import http.cookiejar
        import logging

        import httpx

        secure = urlsplit(url).scheme.lower() == "https"
        if secure not in self._clients:
            for name in ("httpx", "httpcore"):
                logging.getLogger(name).disabled = True  # they log addresses and headers
            no_cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
            client = httpx.AsyncClient(
                verify=trust(self.ca) if secure else _no_trust(),
                timeout=None,  # noqa: S113  # the budget is one asyncio.timeout over the whole exchange
                follow_redirects=False,
                cookies=no_cookies,
                headers={"user-agent": "authwizard", "accept-encoding": "identity"},
            )
            self._clients[secure] = await self._stack.enter_async_context(client)
        return self._clients[secure]


class StreamReply:
    """An answer whose body is read as it comes; what was read first is kept for the record."""

    def __init__(self, response: httpx.Response, number: int, limits: Limits) -> None:
        self.status = response.status_code
        lines = response.headers.raw
        if sum(len(k) + len(v) + 4 for k, v in lines) > limits.headers:
            raise _too_large("headers", limits.headers)
        self.headers = Headers(tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in lines))
        self.number = number
        self.seen = b""
        self._response = response
        self._limit = limits.body

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body in pieces, decoded. Raises: TransportError ``too-large``."""
        total = 0
        async for piece in self._response.aiter_bytes():
            total += len(piece)
            if total > self._limit:
                raise _too_large("body", self._limit)
            if len(self.seen) < _EXCERPT * 2:
                self.seen += piece[: _EXCERPT * 2]
            yield piece

    async def read(self) -> bytes:
        """The whole body."""
        return b"".join([piece async for piece in self.aiter_bytes()])


def trust(ca: str | None = None) -> ssl.SSLContext:
    """TLS trust from the system's store, with one more authority where ``ca`` names its file.

    Raises: UsageError ``ca-unreadable``.
    """
    import ssl

    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        try:
            context.load_verify_locations(cafile=ca)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                "ca-unreadable",
                f"The certificate file {ca} could not be read.",
                getattr(error, "strerror", None) or "It holds no certificate in PEM form.",
                ["Give a PEM file that begins with -----BEGIN CERTIFICATE-----."],
            ) from error
    return context


def _no_trust() -> ssl.SSLContext:
    """For plain http: should TLS be met all the same, nothing is trusted."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _failures() -> tuple[type[Exception], ...]:
    import httpx

    return OSError, UnicodeError, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError


@asynccontextmanager
async def _opened(client: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[httpx.Response]:
    response = await client.send(request, stream=True)
    try:
        yield response
    finally:
        await response.aclose()


def _header_value(name: str, value: Secret | str) -> str:
    """The value as it may be sent: visible ASCII, spaces and tabs within (RFC 9110 section 5.5)."""
    text = value.reveal() if isinstance(value, Secret) else value
    if text != text.strip() or not all(c == "\t" or 0x20 <= ord(c) < 0x7F for c in text):
        raise TransportError(
            "header-invalid",
            f"The value of the header {name} cannot be sent.",
            "It holds a line end, a space at an end, or a character outside ASCII.",
            ["Copy the value again, without what surrounds it."],
        )
    return text


def _too_large(what: str, limit: int) -> TransportError:
    return TransportError(
        "too-large",
        f"The answer's {what} is larger than this program reads.",
        f"The limit is {limit:,} bytes.",
        ["Check that the address is the service's, not a download."],
    )
