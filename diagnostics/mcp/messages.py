"""The messages of MCP: JSON-RPC 2.0 with its two eras, and what can go wrong with them as one error type."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from diagnostics import answers
from wizard import __version__
from wizard.errors import JobError

if TYPE_CHECKING:
    from wizard.transport import Reply

MODERN: Final = "2026-07-28"
"""The revision without sessions: every request carries its version and capabilities."""
HANDSHAKE: Final = "2025-11-25"
"""The newest revision that begins with ``initialize``; whatever the server answers with is accepted."""

METHOD_NOT_FOUND: Final = -32601
HEADER_MISMATCH: Final = -32020
MISSING_CAPABILITY: Final = -32021
UNSUPPORTED_VERSION: Final = -32022
MODERN_CODES: Final = frozenset({HEADER_MISMATCH, MISSING_CAPABILITY, UNSUPPORTED_VERSION})

CLIENT_INFO: Final = {"name": "authwizard", "version": __version__}
_NAMED_BY: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_HEADER_SAFE: Final = re.compile(r"[\x20-\x7e]*")

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """A tool as the server lists it; ``schema`` is its input schema."""

    name: str
    description: str = ""
    schema: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class CallResult:
    """What a tool answered: its text parts joined. ``is_error`` is the tool's own word for having failed."""

    text: str
    is_error: bool
    structured: object = None


class McpError(JobError):
    """An MCP server that could not be reached, refused, or does not speak MCP.

    ``reply`` is the HTTP answer where there was one, ``code`` the JSON-RPC error number.
    """

    def __init__(
        self,
        id: str,
        title: str,
        detail: str = "",
        fix: tuple[str, ...] | list[str] = (),
        *,
        reply: Reply | None = None,
        code: int | None = None,
    ) -> None:
        super().__init__(id, title, detail, fix)
        self.reply = reply
        self.code = code

    @property
    def status(self) -> int | None:
        """The HTTP status that came with it."""
        return self.reply.status if self.reply else None


def request(number: int, method: str, params: Mapping[str, object] | None = None) -> Message:
    """A request as a session wire sends it."""
    message: Message = {"jsonrpc": "2.0", "id": number, "method": method}
    if params:
        message["params"] = dict(params)
    return message


def modern_request(number: int, method: str, params: Mapping[str, object] | None = None) -> Message:
    """A request of the stateless era: version and capabilities in its ``_meta``."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": CLIENT_INFO,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return request(number, method, {**(params or {}), "_meta": meta})


def modern_headers(message: Message) -> dict[str, str]:
    """The header fields that must agree with a stateless request's body."""
    method = str(message["method"])
    headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
    if method in _NAMED_BY:
        headers["Mcp-Name"] = _header_text(str(message["params"].get(_NAMED_BY[method], "")))
    return headers


def _header_text(text: str) -> str:
    if _HEADER_SAFE.fullmatch(text) and text == text.strip() and not text.startswith("=?base64?"):
        return text
    return f"=?base64?{base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode('ascii')}?="


def initialize_params() -> dict[str, object]:
    """What `initialize` asks for: nothing but to be heard."""
    return {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": CLIENT_INFO}


def encode(message: Message) -> bytes:
    """One line of JSON."""
    return json.dumps(message, separators=(",", ":")).encode()


def decode(text: bytes | str) -> tuple[Message, ...]:
    """The messages in a body or a line (2025-03-26 allowed several in a list); empty where it is no JSON-RPC."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    several = found if isinstance(found, list) else [found]
    return tuple(m for m in several if isinstance(m, dict) and m.get("jsonrpc") == "2.0")


def answer_to(message: Message) -> Message | None:
    """What we answer when the server asks us something: ping only. None for what needs no answer."""
    if "method" not in message or message.get("id") is None:
        return None
    answer: Message = {"jsonrpc": "2.0", "id": message["id"]}
    if message["method"] == "ping":
        return {**answer, "result": {}}
    error = {"code": METHOD_NOT_FOUND, "message": "authwizard only tests; it offers nothing to a server"}
    return {**answer, "error": error}


def is_answer(message: Message, number: int) -> bool:
    """Whether this answers our request; an error without an id is taken as ours, there is only one."""
    if "result" not in message and "error" not in message:
        return False
    return message.get("id") == number or (message.get("id") is None and "error" in message)


def error_code(message: Message) -> int | None:
    """The number of a JSON-RPC error."""
    error = message.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None


def result_of(message: Message, reply: Reply | None = None) -> Message:
    """The result. Raises: McpError ``mcp-error`` with the server's code and message."""
    if "error" in message:
        error = message["error"]
        words = str(error.get("message", "")) if isinstance(error, dict) else str(error)
        code = error_code(message)
        raise McpError(
            "mcp-error",
            "The MCP server answered with an error.",
            answers.clean(f"{code} {words}" if code is not None else words),
            reply=reply,
            code=code,
        )
    result = message.get("result")
    return result if isinstance(result, dict) else {}


def not_mcp(reply: Reply) -> McpError:
    """The error for an answer that is no MCP message, as exactly as it can be said."""
    seen = f"It answered {answers.said(reply)}."
    if answers.is_web_page(reply):
        return McpError(
            "web-page",
            "This is a web page, not an MCP server.",
            seen,
            ["Check the path of the address: many servers answer at /mcp."],
            reply=reply,
        )
    return McpError(
        "not-mcp",
        "The server does not speak MCP at this address.",
        seen,
        ["Check the path of the address, and that it is not a plain API."],
        reply=reply,
    )


def refused(reply: Reply, code: int | None = None) -> McpError:
    """The error for a status that is the server's final word whatever the wire: 401, 403, 407, 429, 5xx."""
    status, words = reply.status, answers.said(reply)
    if status == 429:
        wait = reply.headers.get("retry-after")
        detail = f"It answered {words}" + (f", Retry-After {answers.clean(wait, 40)}." if wait else ".")
        return McpError(
            "rate-limited", "The server asks to wait.", detail, ["Try again later."], reply=reply, code=code
        )
    if status >= 500:
        return McpError(
            "server-error", "The server failed by itself.", f"It answered {words}.", reply=reply, code=code
        )
    return McpError(
        "refused", "The server refused the request.", f"It answered {words}.", reply=reply, code=code
    )


def redirected(reply: Reply) -> McpError:
    """The error for a redirect that a POST with a credential must not follow."""
    from urllib.parse import urljoin, urlsplit

    onward = urlsplit(urljoin(reply.url, reply.headers.get("location") or ""))
    where = answers.clean(f"{onward.scheme}://{onward.hostname or ''}{onward.path}")
    return McpError(
        "redirected",
        "The server sends the request elsewhere.",
        f"It answered {reply.status} to {where}.",
        ["If that is the right address, use it; if it is a login page, the credential was not accepted."],
        reply=reply,
    )


def is_final(status: int) -> bool:
    """Whether no other wire is to be tried after this status (another wire could not change it)."""
    return status in (401, 402, 403, 407, 421, 429, 431) or status >= 500
