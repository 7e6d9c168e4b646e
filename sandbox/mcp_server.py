"""A small MCP server over HTTP: streamable HTTP (both wires) at one path, and the older HTTP+SSE beside it.

Who may call is not decided here; `sandbox.sites` guards what this serves.
Source: Model Context Protocol, transports, revisions 2024-11-05 to 2026-07-28.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wizard.urls import is_loopback

from . import rpc
from .rpc import Core, Json, RpcError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_VERSION = "mcp-protocol-version"
_SESSION = "mcp-session-id"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_STATUS = {
    rpc.PARSE_ERROR: 400,
    rpc.INVALID_REQUEST: 400,
    rpc.INVALID_PARAMS: 400,
    rpc.HEADER_MISMATCH: 400,
    rpc.MISSING_CAPABILITY: 400,
    rpc.UNSUPPORTED_VERSION: 400,
    rpc.METHOD_NOT_FOUND: 404,
}
_KEEPALIVE = 15.0


class Endpoint:
    """The MCP endpoint of one service.

    ``streams`` lets sessions answer as an event stream, as most servers in the field do; otherwise as plain JSON.
    ``closing`` ends every open stream, so that a stop need not wait for a client to go. ``messages`` is the path
    where a client of the older transport posts.
    """

    def __init__(
        self, core: Core, closing: asyncio.Event, *, streams: bool = False, messages: str = "/messages"
    ) -> None:
        self._core = core
        self._messages = messages
        self._closing = closing
        self._streams = streams
        self._sessions: set[str] = set()
        self._queues: dict[str, asyncio.Queue[str]] = {}

    async def streamable(self, request: Request) -> Response:
        """The one path of streamable HTTP: POST, DELETE, and a GET that has no stream to offer."""
        refused = _foreign_page(request)
        if refused is not None:
            return refused
        if request.method == "POST":
            return await self._post(request)
        if request.method == "DELETE":
            return self._delete(request)
        return _plain(405, "This endpoint offers no stream; POST to it.", Allow="POST, DELETE")

    async def _post(self, request: Request) -> Response:
        if not _accepts(request, "application/json") or not _accepts(request, "text/event-stream"):
            return _plain(406, "The client must accept both application/json and text/event-stream.")
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            return _plain(415, "The content type must be application/json.")
        try:
            message = _read(await request.body())
        except RpcError as error:
            return _error(error, None)
        id = message.get("id")
        try:
            params = rpc.params_of(message)
            version = request.headers.get(_VERSION)
            if message.get("method") != "initialize" and (
                version in rpc.STATELESS or (rpc.is_stateless(params) and "id" in message)
            ):
                return self._stateless(request, message, params)
            return self._in_session(request, message, version)
        except RpcError as error:
            return _error(error, id)

    def _stateless(self, request: Request, message: Json, params: Mapping[str, object]) -> Response:
        """One request of the 2026-07-28 wire: its headers must say what its body says."""
        if "id" not in message:
            return _plain(202)
        method = message.get("method")
        if not isinstance(method, str):
            raise RpcError(rpc.INVALID_REQUEST, "The message has no method")
        meta = rpc.meta_of(params)
        missing = [key for key in (rpc.VERSION_KEY, rpc.CAPABILITIES_KEY) if key not in meta]
        if missing:
            raise RpcError(rpc.INVALID_PARAMS, f"_meta lacks {' and '.join(missing)}")
        if request.headers.get(_VERSION) != meta[rpc.VERSION_KEY]:
            raise RpcError(rpc.HEADER_MISMATCH, "The MCP-Protocol-Version header is not what _meta says")
        if request.headers.get("mcp-method") != method:
            raise RpcError(rpc.HEADER_MISMATCH, "The Mcp-Method header is not the method of the body")
        named = params.get(_NAMED.get(method, ""))
        if named is not None and request.headers.get("mcp-name") != named:
            raise RpcError(rpc.HEADER_MISMATCH, "The Mcp-Name header is not the name in the body")
        result = self._core.result(method, params)
        return _json(200, {"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _in_session(self, request: Request, message: Json, version: str | None) -> Response:
        """One message of the wire that begins with ``initialize``."""
        if message.get("method") == "initialize" and "id" in message:
            answer = self._core.answer(message) or {}
            if "error" in answer:
                return _json(400, answer)
            session = secrets.token_urlsafe(24)
            self._sessions.add(session)
            return self._say(answer, {_SESSION: session})
        known = self._known(request)
        if known is not None:
            return known
        if version is not None and version not in rpc.HANDSHAKE:
            raise RpcError(rpc.INVALID_REQUEST, "Bad Request: unsupported protocol version")
        reply = self._core.answer(message)
        return _plain(202) if reply is None else self._say(reply, {})

    def _known(self, request: Request) -> Response | None:
        """None where the session exists; else the refusal: 400 without one, 404 for one that is gone."""
        session = request.headers.get(_SESSION)
        if not session:
            return _error(RpcError(rpc.INVALID_REQUEST, "Bad Request: Missing session ID"), None)
        if session not in self._sessions:
            return _json(404, RpcError(rpc.INVALID_REQUEST, "Session not found").answer(None))
        return None

    def _delete(self, request: Request) -> Response:
        refused = self._known(request)
        if refused is not None:
            return refused
        self._sessions.discard(request.headers[_SESSION])
        return _plain(204)

    def _say(self, answer: Json, headers: dict[str, str]) -> Response:
        from starlette.responses import Response

        if not self._streams:
            return _json(200, answer, headers)
        body = _event("message", json.dumps(answer))
        return Response(
            body,
            media_type="text/event-stream",
            headers={**headers, "cache-control": "no-cache, no-transform"},
        )

    async def sse(self, request: Request) -> Response:
        """The older transport: a stream that first names the address to post to."""
        from starlette.responses import StreamingResponse

        refused = _foreign_page(request)
        if refused is not None:
            return refused
        if not _accepts(request, "text/event-stream"):
            return _plain(406, "The client must accept text/event-stream.")
        session = secrets.token_urlsafe(24)
        queue = self._queues[session] = asyncio.Queue()
        return StreamingResponse(
            self._events(session, queue),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )

    async def _events(self, session: str, queue: asyncio.Queue[str]) -> AsyncIterator[str]:
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            yield _event("endpoint", f"{self._messages}?session={session}")
            while not closing.done():
                message = asyncio.ensure_future(queue.get())
                try:
                    await asyncio.wait(
                        {message, closing}, timeout=_KEEPALIVE, return_when=asyncio.FIRST_COMPLETED
                    )
                    if message.done():
                        yield _event("message", message.result())
                    elif not closing.done():
                        yield ": still here\n\n"
                finally:
                    message.cancel()
        finally:
            closing.cancel()
            self._queues.pop(session, None)

    async def messages(self, request: Request) -> Response:
        """Where a client of the older transport posts; the answer comes over its stream."""
        refused = _foreign_page(request)
        if refused is not None:
            return refused
        queue = self._queues.get(request.query_params.get("session", ""))
        if queue is None:
            return _plain(404, "No such session.")
        try:
            message = _read(await request.body())
        except RpcError as error:
            return _error(error, None)
        answer = self._core.answer(message)
        if answer is not None:
            queue.put_nowait(json.dumps(answer))
        return _plain(202, "Accepted")


def _read(body: bytes) -> Json:
    """One JSON-RPC message. Raises: RpcError."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RpcError(rpc.PARSE_ERROR, "Parse error") from error
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise RpcError(rpc.INVALID_REQUEST, "The body must be one JSON-RPC 2.0 message")
    if "id" in message and (isinstance(message["id"], bool) or not isinstance(message["id"], str | int)):
        raise RpcError(rpc.INVALID_REQUEST, "The id must be a text or a whole number")
    return message


def _foreign_page(request: Request) -> Response | None:
    """A web page must not reach a server on this machine: 403 for an Origin, or a Host, that is not loopback."""
    host = f"http://{request.headers.get('host', '')}"
    sent = request.headers.get("origin")
    try:
        fine = is_loopback(host) and (sent is None or (bool(urlsplit(sent).hostname) and is_loopback(sent)))
    except ValueError:
        fine = False
    return None if fine else _plain(403, "This Origin or Host is not allowed here.")


def _accepts(request: Request, kind: str) -> bool:
    offered = {part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")}
    return bool(offered & {kind, f"{kind.split('/', maxsplit=1)[0]}/*", "*/*"})


def _event(name: str, data: str) -> str:
    return f"event: {name}\r\ndata: {data}\r\n\r\n"


def _json(status: int, content: Json, headers: Mapping[str, str] | None = None) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(content, status, headers)


def _error(error: RpcError, id: object) -> Response:
    return _json(_STATUS.get(error.code, 200), error.answer(id))


def _plain(status: int, text: str = "", **headers: str) -> Response:
    from starlette.responses import PlainTextResponse, Response

    return PlainTextResponse(text, status, headers) if text else Response(status_code=status, headers=headers)
