"""The heart of a small MCP server: one JSON-RPC message in, one answer out. No network, no files.

It speaks both wires. On the stateless one (2026-07-28) every request carries its protocol version in ``_meta``;
on the older ones a session begins with ``initialize``.
Source: Model Context Protocol, revisions 2024-11-05 to 2026-07-28.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

STATELESS = ("2026-07-28",)
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
HEADER_MISMATCH = -32020
MISSING_CAPABILITY = -32021
UNSUPPORTED_VERSION = -32022

_META = "io.modelcontextprotocol/"
VERSION_KEY = f"{_META}protocolVersion"
CAPABILITIES_KEY = f"{_META}clientCapabilities"
_SERVER_KEY = f"{_META}serverInfo"

_NO_ARGUMENTS = {"type": "object", "properties": {}}

Json = dict[str, object]


class RpcError(Exception):
    """A JSON-RPC error; ``code`` is one of this module's numbers."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data

    def answer(self, id: object) -> Json:
        """The error as a JSON-RPC answer to the request with this id (None: it could not be read)."""
        error: Json = {"code": self.code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return {"jsonrpc": "2.0", "id": id, "error": error}


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool says; ``failed`` marks a tool's own error, which a model is to read."""

    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool as data: ``run`` takes the arguments and answers at once."""

    name: str
    description: str
    run: Callable[[Mapping[str, object]], ToolAnswer]
    schema: Mapping[str, object] = field(default_factory=lambda: dict(_NO_ARGUMENTS))


@dataclass(frozen=True, slots=True)
class Core:
    """A server as data. ``page`` is how many tools one answer of ``tools/list`` holds."""

    name: str
    version: str
    tools: tuple[McpTool, ...]
    page: int = 50

    def answer(self, message: Mapping[str, object]) -> Json | None:
        """The answer to one message; None for a notification or an answer, to which nothing is said."""
        method = message.get("method")
        if not isinstance(method, str) or "id" not in message:
            return None
        id = message["id"]
        try:
            result = self.result(method, params_of(message))
        except RpcError as error:
            return error.answer(id)
        return {"jsonrpc": "2.0", "id": id, "result": result}

    def result(self, method: str, params: Mapping[str, object]) -> Json:
        """The result of one request. Raises: RpcError."""
        if method == "initialize":
            return self._initialize(params)
        stateless = is_stateless(params)
        if stateless:
            check_envelope(params)
        if method == "server/discover":
            result = self._discover()
        elif method == "tools/list":
            result = self._list(params)
        elif method == "tools/call":
            result = self._call(params)
        elif method == "ping" and not stateless:
            return {}
        else:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {method}")
        if stateless:
            result |= {"resultType": "complete", "_meta": {_SERVER_KEY: self._info()}}
            if method != "tools/call":
                result |= {"ttlMs": 0, "cacheScope": "private"}
        return result

    def _info(self) -> Json:
        return {"name": self.name, "version": self.version}

    def _initialize(self, params: Mapping[str, object]) -> Json:
        wanted = params.get("protocolVersion")
        if not isinstance(wanted, str):
            raise RpcError(INVALID_PARAMS, "protocolVersion is missing")
        return {
            "protocolVersion": wanted if wanted in HANDSHAKE else HANDSHAKE[-1],
            "capabilities": {"tools": {"listChanged": False}},
            "serverInfo": self._info(),
        }

    def _discover(self) -> Json:
        return {"supportedVersions": list(STATELESS), "capabilities": {"tools": {}}}

    def _list(self, params: Mapping[str, object]) -> Json:
        start = _cursor(params.get("cursor"), len(self.tools))
        end = start + self.page
        result: Json = {
            "tools": [
                {"name": t.name, "description": t.description, "inputSchema": dict(t.schema)}
                for t in self.tools[start:end]
            ]
        }
        if end < len(self.tools):
            result["nextCursor"] = str(end)
        return result

    def _call(self, params: Mapping[str, object]) -> Json:
        name, arguments = params.get("name"), params.get("arguments") or {}
        tool = next((t for t in self.tools if t.name == name), None)
        if tool is None:
            raise RpcError(INVALID_PARAMS, "Unknown tool")
        if not isinstance(arguments, dict):
            raise RpcError(INVALID_PARAMS, "arguments is not an object")
        said = tool.run(arguments)
        return {"content": [{"type": "text", "text": said.text}], "isError": said.failed}


def params_of(message: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters of a message; empty where there are none. Raises: RpcError."""
    params = message.get("params")
    if params is None:
        return {}
    if not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "params is not an object")
    return params


def meta_of(params: Mapping[str, object]) -> Mapping[str, object]:
    """The ``_meta`` object of the parameters, empty where there is none."""
    meta = params.get("_meta")
    return meta if isinstance(meta, dict) else {}


def is_stateless(params: Mapping[str, object]) -> bool:
    """Whether a request names its protocol version itself, as 2026-07-28 asks."""
    return VERSION_KEY in meta_of(params)


def check_envelope(params: Mapping[str, object]) -> None:
    """What every stateless request must carry. Raises: RpcError."""
    meta = meta_of(params)
    missing = [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in meta]
    if missing:
        raise RpcError(INVALID_PARAMS, f"_meta lacks {' and '.join(missing)}")
    version = meta[VERSION_KEY]
    if not isinstance(version, str):
        raise RpcError(INVALID_PARAMS, "the protocol version in _meta is not a text")
    if version not in STATELESS:
        raise RpcError(
            UNSUPPORTED_VERSION,
            "Unsupported protocol version",
            {"supported": [*STATELESS, *HANDSHAKE], "requested": version},
        )


def _cursor(cursor: object, count: int) -> int:
    if cursor is None:
        return 0
    if isinstance(cursor, str) and cursor.isdecimal() and cursor.isascii() and len(cursor) < 7:
        start = int(cursor)
        if 0 < start < count:
            return start
    raise RpcError(INVALID_PARAMS, "Unknown cursor")
