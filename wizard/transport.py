"""The one HTTP client. Every exchange is recorded, redacted as it is recorded; nothing is followed that would
carry a credential to another origin; nothing is read past the limits.

Every failure is a `wizard.errors.TransportError`; `wizard.transport_errors` gives each its ``id`` and sentence.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urljoin, urlsplit

from .errors import TransportError
from .exchange import Exchange, Headers, Limits, Reply
from .pending import Pending
from .redaction import Redactor, tells_a_secret
from .secret import Secret
from .signing import REFUSALS, Signer
from .transport_errors import described, proxy_unusable
from .trust import no_trust, trust
from .urls import check_url, is_loopback, joined, origin

if TYPE_CHECKING:
    import httpx

__all__ = [
    "Exchange",
    "Headers",
    "Limits",
    "Reply",
    "StreamReply",
    "Transport",
    "check_url",
    "is_loopback",
    "origin",
    "trust",
]

NO_HEADERS: Final[Mapping[str, Secret | str]] = MappingProxyType({})
NO_QUERY: Final[Mapping[str, Secret]] = MappingProxyType({})
_EXCERPT: Final = 2000
_LONGEST: Final = 64_000
"""Characters of a text that is redacted: it takes about a second for 100,000, in which nothing else is done."""
_GOODBYE: Final = 0.05
"""Seconds in which what is said beside all else is on its way."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

Body = bytes | Callable[[], bytes] | None
"""A request's body, or what makes it anew for each attempt."""


class Transport:
    """One per job. ``timeout`` is the budget of each request in seconds, from first byte sent to last received."""

    def __init__(self, *, timeout: float = 30.0, ca: str | None = None, limits: Limits | None = None) -> None:
        self.timeout = timeout
        self.ca = ca
        self.limits = limits or Limits()
        self._redactor = Redactor()
        self._open: set[str] = set()
        self._exchanges: dict[int, Exchange] = {}
        self._count = 0
        self._stack = AsyncExitStack()
        self._clients: dict[bool, httpx.AsyncClient] = {}
        self._signer: Signer | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self.pending = Pending()

    def sign(self, signer: Signer | None) -> Signer | None:
        """From now on, requests to the signer's origins carry what it makes; None ends that. The one before is given
        back, for whoever signs but for a while."""
        before, self._signer = self._signer, signer
        return before

    def meanwhile(self, job: Coroutine[object, object, None]) -> None:
        """Do this beside all else: nobody waits for what comes of it. It has ended before this is closed."""
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def settled(self) -> None:
        """When all that is done beside has ended, or was said and is not waited for: a server that is far takes a
        goodbye all the same."""
        if self._jobs:
            _, waiting = await asyncio.wait(self._jobs, timeout=_GOODBYE)
            for job in waiting:
                job.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was exchanged so far, in the order it was begun."""
        return tuple(self._exchanges[number] for number in sorted(self._exchanges))

    def know(self, *secrets: Secret) -> None:
        """Values that must never be recorded, wherever they turn up."""
        self._redactor.know(*secrets)

    def show(self, *values: str) -> None:
        """Values that are no secrets, though a header holds them: a setting such as a client id or an address. What is
        known as a secret stays one."""
        self._open |= {value.strip() for value in values}

    def shows(self, value: Secret) -> bool:
        """Whether this value was named as no secret."""
        return value.reveal().strip() in self._open

    def redact(self, text: str) -> str:
        """Any text from outside, before it is shown or kept; of one that nobody could read only the beginning."""
        return self._redactor.text(text[:_LONGEST])

    def spoken(self, text: str) -> str:
        """A sentence of this program's own: only what is known to be a secret is taken out of it."""
        return self._redactor.known(text[:_LONGEST])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for job in self._jobs if error is not None else ():
                job.cancel()
            await asyncio.gather(*self._jobs, return_exceptions=error is not None)
        finally:
            await self._stack.aclose()
            self._clients.clear()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, Secret | str] = NO_HEADERS,
        query: Mapping[str, Secret] = NO_QUERY,
        body: Body = None,
        follow: bool = False,
        timeout: float | None = None,
    ) -> Reply:
        """Ask once, read the whole answer. ``query`` joins the address, and is shown nowhere. A request that a signer
        wants repeated (`sign`) is sent twice at most, within the same budget.

        With ``follow``, redirects are followed within the origin; to another one only where nothing secret is
        sent, else the redirect itself is the answer. The new address says itself which parameters it wants.
        Raises: TransportError.
        """
        carries_secret = bool(query) or any(
            isinstance(v, Secret) or tells_a_secret(k) for k, v in headers.items()
        )
        budget = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + budget
        for _ in range(self.limits.redirects + 1):
            remaining = max(0.001, deadline - time.monotonic())
            async with self.stream(
                method, url, headers=headers, query=query, body=body, timeout=remaining
            ) as answer:
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
            url, query = onward, NO_QUERY
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
        query: Mapping[str, Secret] = NO_QUERY,
        body: Body = None,
        timeout: float | None = None,
    ) -> AsyncIterator[StreamReply]:
        """Ask once, read the answer as it comes (event streams). ``query`` joins the address, and is shown nowhere.
        Raises: TransportError."""
        url = check_url(url)
        budget = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + budget
        for last in (False, True):
            more = self._signer.headers(method, url, headers) if self._signer else {}
            replaced = {name.lower() for name in more}
            carried = {n: v for n, v in headers.items() if n.lower() not in replaced} | dict(more)
            async with self._once(
                method, url, headers=carried, query=query, body=body, deadline=deadline, budget=budget
            ) as answer:
                answer.signed = bool(more)
                if more and await self._unproven(url, answer) and not last:
                    continue
                yield answer
                return

    async def _unproven(self, url: str, answer: StreamReply) -> bool:
        """Whether the signer wants the request repeated."""
        content = await answer.keep() if answer.status in REFUSALS else b""
        return self._signer is not None and self._signer.again(url, answer.status, answer.headers, content)

    @asynccontextmanager
    async def _once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, Secret | str],
        query: Mapping[str, Secret],
        body: Body,
        deadline: float,
        budget: float,
    ) -> AsyncIterator[StreamReply]:
        plain = {name: _header_value(name, value) for name, value in headers.items()}
        sent = [
            v
            for name, v in headers.items()
            if isinstance(v, Secret) and (tells_a_secret(name) or v.reveal().strip() not in self._open)
        ]
        self.know(*sent, *query.values())
        await self.pending.may_begin()
        self._count += 1
        number = self._count
        shown = tuple((name, self._redactor.header(name, value)) for name, value in plain.items())
        record = Exchange(
            number, method, joined(self._redactor.url(url), dict.fromkeys(query, "…")), shown, None
        )
        self._exchanges[number] = record
        began = time.monotonic()
        answer: StreamReply | None = None
        failure = ""
        try:
            async with asyncio.timeout(max(0.001, deadline - time.monotonic())) as limit:
                self.pending.begin(number, url, limit)
                client = await self._client(url)
                asked = joined(url, {name: value.reveal() for name, value in query.items()})
                content = body() if callable(body) else body
                request = client.build_request(method, asked, headers=plain, content=content)
                async with _opened(client, request) as response:
                    answer = StreamReply(response, number, self.limits)
                    yield answer
        except asyncio.CancelledError:
            failure = "not-waited-for"
            raise
        except TimeoutError as error:
            failure = "timeout"
            waited = round(time.monotonic() - began, 1) if self.pending.given_up else budget
            raise described(error, url, waited) from error
        except TransportError as error:
            failure = error.id
            raise
        except _failures() as error:
            known = described(error, url, budget)
            failure = known.id
            # The library's own message may quote a header; it must not travel with ours.
            raise known from None
        finally:
            self.pending.end(number)
            self._exchanges[number] = self._finished(record, answer, time.monotonic() - began, failure)

    def _finished(
        self, record: Exchange, answer: StreamReply | None, seconds: float, failure: str
    ) -> Exchange:
        if answer is None:
            return replace(record, seconds=seconds, error=failure)
        shown = tuple((name, self._redactor.header(name, value)) for name, value in answer.headers.items())
        excerpt = self._redactor.text(answer.seen.decode("utf-8", "replace"))[:_EXCERPT]
        return replace(
            record,
            status=answer.status,
            response_headers=shown,
            excerpt=excerpt,
            seconds=seconds,
            error=failure,
            at=answer.at,
        )

    async def _client(self, url: str) -> httpx.AsyncClient:
        """A client for plain or for TLS: trust is loaded only where it is needed (it costs 50 ms and more)."""
        import http.cookiejar
        import logging

        from .lean import httpx_alone

        httpx_alone()
        import httpx

        secure = urlsplit(url).scheme.lower() == "https"
        if secure not in self._clients:
            for name in ("httpx", "httpcore"):
                logging.getLogger(name).disabled = True  # they log addresses and headers
            no_cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
            verify = trust(self.ca) if secure else no_trust()
            try:
                client = httpx.AsyncClient(
                    verify=verify,
                    timeout=None,  # noqa: S113  # the budget is one asyncio.timeout over the whole exchange
                    follow_redirects=False,
                    cookies=no_cookies,
                    headers={"user-agent": "authwizard", "accept-encoding": "identity"},
                )
            except (ImportError, ValueError, httpx.InvalidURL) as error:
                raise proxy_unusable(url) from error
            self._clients[secure] = await self._stack.enter_async_context(client)
        return self._clients[secure]


class StreamReply:
    """An answer whose body is read as it comes; what was read first is kept for the record. ``signed`` is whether the
    request carried what a signer made."""

    def __init__(self, response: httpx.Response, number: int, limits: Limits) -> None:
        self.status = response.status_code
        lines = response.headers.raw
        if sum(len(k) + len(v) + 4 for k, v in lines) > limits.headers:
            raise _too_large("headers", limits.headers)
        self.headers = Headers(tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in lines))
        self.number = number
        self.at = time.time()
        self.seen = b""
        self.signed = False
        self._kept: bytes | None = None
        self._response = response
        self._limit = limits.body

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body in pieces, decoded. Raises: TransportError ``too-large``."""
        if self._kept is not None:
            yield self._kept
            return
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

    async def keep(self) -> bytes:
        """The whole body, which can be read once more afterwards."""
        self._kept = await self.read()
        return self._kept


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
