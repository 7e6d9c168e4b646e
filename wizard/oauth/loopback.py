"""The loopback address to which a browser returns with the answer of a login (RFC 8252 section 7.3).

It takes one request: a GET of the redirect URI with this login's state. All else is refused, and the wait goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import sys
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from wizard.errors import UsageError
from wizard.qr import qr
from wizard.secret import Secret

from . import pages
from .answer import AuthorizationAnswer, NoAnswer, answer, pasted
from .port_holder import holder
from .waiting import ssh_advice, taken, timed_out

if TYPE_CHECKING:
    import h11

__all__ = ["PORT", "AuthorizationAnswer", "Loopback", "pasted", "qr", "ssh_advice"]

PORT: Final = 3334
_HEADER: Final = 16 * 1024
_SLOW: Final = 10.0
_LINGER: Final = 1.0
_MOST: Final = 32
_TRIES: Final = 16
_ADDRESSES: Final = {"127.0.0.1": ("127.0.0.1",), "::1": ("::1",), "localhost": ("127.0.0.1", "::1")}


class Loopback:
    """Listens from entering to leaving. ``host`` is as registered: ``127.0.0.1``, ``localhost`` (both families) or
    ``::1``. ``port`` None or 0 takes a free one. ``title`` is what the page calls the service;
    ``authorization_endpoint`` is known, so that a time-out can say what that provider's page probably shows;
    ``instead`` is a sentence that says why it is not the usual port.
    """

    def __init__(
        self,
        state: Secret,
        *,
        host: str = "127.0.0.1",
        port: int | None = PORT,
        path: str = "/callback",
        title: str = "",
        authorization_endpoint: str = "",
        instead: str = "",
    ) -> None:
        self.host = host.strip("[]").lower()
        if self.host not in _ADDRESSES:
            raise UsageError(
                "not-loopback",
                "The browser can be sent back to this machine only.",
                "The redirect URI names another host.",
                [f"Register one with {', '.join(_ADDRESSES)} as its host."],
            )
        self.port = port or 0
        if not 0 <= self.port <= 65535:
            raise UsageError("port-invalid", "--port takes a number from 1 to 65535.")
        self.path = path
        self.instead = instead
        self._title = title
        self._endpoint = authorization_endpoint
        self._state = state
        self._heard: list[str] = []
        self._servers: list[asyncio.Server] = []
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._taken = False
        self._answer: asyncio.Future[AuthorizationAnswer]

    @property
    def _netloc(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def redirect_uri(self) -> str:
        """What is sent as ``redirect_uri``; with port 0 only once the socket is open."""
        return f"http://{self._netloc}{self.path}"

    async def __aenter__(self) -> Self:
        """Open the socket. Raises: OAuthProblem `callback-port-in-use-or-reserved`."""
        sockets = _open(self.host, self.port)
        try:
            self.port = sockets[0].getsockname()[1]
            self._answer = asyncio.get_running_loop().create_future()
            while sockets:
                # first made, then started: a start that is cancelled would leave a server that nobody can close
                made = await asyncio.start_server(self._connected, sock=sockets[0], start_serving=False)
                self._servers.append(made)
                sockets.pop(0)
                await made.start_serving()
        except BaseException:
            for left in sockets:
                left.close()
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def answered(self) -> None:
        """Until the answer is there; `wait` gives it."""
        await asyncio.wait((self._answer,))

    async def wait(self, seconds: float, budget: float = 0.0, *, opened: bool = True) -> AuthorizationAnswer:
        """The answer of the login. ``budget`` as in `Person`, ``opened`` as in `Ask`.

        Raises: OAuthProblem `login-timed-out`, or `callback-unreachable-from-browser`."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._answer)
        except TimeoutError:
            raise timed_out(
                self.redirect_uri,
                seconds,
                self._heard,
                os.environ,
                self._endpoint,
                budget=budget,
                opened=opened,
                instead=self.instead,
            ) from None

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        clients = dict(self._clients)
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        # a page on its way still arrives; who does not take it in does not keep this program
        gone = [asyncio.ensure_future(writer.wait_closed()) for writer in clients.values()]
        if gone:
            await asyncio.wait(gone, timeout=_LINGER)
            for writer in clients.values():
                writer.transport.abort()
            await asyncio.gather(*gone, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients[task] = writer
        task.add_done_callback(self._gone)
        if len(self._clients) > _MOST:
            next(iter(self._clients)).cancel()

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._clients.pop(task).close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request, one page."""
        import h11

        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADER)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_SLOW):
                request: h11.Request | None = None
                try:
                    request = await _request(connection, reader)
                    if request is None:
                        return
                    found = self._judged(request)
                except h11.RemoteProtocolError as error:
                    found = error.error_status_hint if error.error_status_hint < 500 else 400
                    if connection.trailing_data[0].startswith(b"\x16\x03"):
                        self._heard.append("tls")
                except NoAnswer as error:
                    self._heard.append(error.reason)
                    found = 400
                await self._reply(connection, request, found, writer)
                async with asyncio.timeout(_LINGER):
                    await _drained(reader)

    def _judged(self, request: h11.Request) -> AuthorizationAnswer | int:
        """The answer that the request brings, or the status with which it is refused. Raises: NoAnswer."""
        target = request.target.decode("latin-1")
        headers = dict(request.headers)
        path, _, query = target.partition("?")
        if headers.get(b"host", b"").decode("latin-1").lower() not in self._names():
            self._heard.append("other-host")
            return 421
        if path != (self.path or "/"):
            if query:
                self._heard.append("other-path")
            return 404
        if request.method != b"GET":
            return 405
        if (
            headers.get(b"content-length", b"0").strip(b"0")
            or b"transfer-encoding" in headers
            or "#" in query
        ):
            return 400
        found = answer(query, self._state)
        if self._taken:
            return 410
        self._taken = True
        return found

    def _names(self) -> tuple[str, ...]:
        return (self._netloc, self._netloc.removesuffix(":80")) if self.port == 80 else (self._netloc,)

    async def _reply(
        self,
        connection: h11.Connection,
        request: h11.Request | None,
        found: AuthorizationAnswer | int,
        writer: asyncio.StreamWriter,
    ) -> None:
        import h11

        try:
            status = found if isinstance(found, int) else 200
            body = self._page(found).encode()
            head = [*pages.HEADERS, ("Content-Length", str(len(body)))]
            if status == 405:
                head.append(("Allow", "GET"))
            events: list[h11.Event] = [h11.Response(status_code=status, headers=head)]
            if request is None or request.method != b"HEAD":
                events.append(h11.Data(data=body))
            for event in (*events, h11.EndOfMessage()):
                writer.write(connection.send(event) or b"")
            writer.write_eof()
            await writer.drain()
        finally:
            if isinstance(found, AuthorizationAnswer) and not self._answer.done():
                self._answer.set_result(found)

    def _page(self, found: AuthorizationAnswer | int) -> str:
        if isinstance(found, AuthorizationAnswer):
            return pages.received(self._title) if found.code else pages.refused(self._title)
        return pages.over() if found == 410 else pages.other()


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    """The head of a request; None where the client went before it was whole. Raises: h11.RemoteProtocolError."""
    import h11

    left = _HEADER
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            return None
        if not left:
            raise h11.RemoteProtocolError("too large", error_status_hint=431)
        data = await reader.read(min(left, 4096))
        if not data:
            return None
        left -= len(data)
        connection.receive_data(data)


async def _drained(reader: asyncio.StreamReader) -> None:
    """Read what the client still sends: a socket that is closed with bytes unread takes the page back from it."""
    left = 64 * 1024
    while left > 0 and (data := await reader.read(4096)):
        left -= len(data)


def _open(host: str, port: int) -> list[socket.socket]:
    """Listening sockets on the host's addresses, all on one port. Raises: OAuthProblem."""
    for _ in range(_TRIES):
        made: list[socket.socket] = []
        try:
            for address in _ADDRESSES[host]:
                try:
                    made.append(_listen(address, made[0].getsockname()[1] if made else port))
                except OSError as error:
                    # a machine without IPv6 still has a localhost
                    if not made or error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                        raise
            return made
        except OSError as error:
            for one in made:
                one.close()
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                raise UsageError(
                    "no-such-loopback",
                    f"This machine has no {host}, so no browser can be sent there.",
                    "",
                    ["Register the redirect URI with 127.0.0.1, and use that."],
                ) from None
            if port or error.errno != errno.EADDRINUSE:
                raise taken(host, port, error.errno == errno.EACCES, holder(port)) from None
    raise taken(host, port, False, "")


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # elsewhere a second program cannot bind what is bound; there it could, and would get the codes
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(_MOST)
        made.setblocking(False)
    except BaseException:
        made.close()
        raise
    return made
