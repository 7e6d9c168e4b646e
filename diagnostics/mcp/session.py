"""A session with an MCP server, the same on every wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from diagnostics import answers

from .messages import CallResult, McpError, Message, ToolInfo

PAGES: Final = 100


class Channel(Protocol):
    """One wire: it sends a request and gives the result, or raises McpError or TransportError."""

    @property
    def wire(self) -> str:
        """``stateless``, ``initialize``, ``sse`` or ``stdio``."""
        ...

    async def ask(
        self, method: str, params: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> Message:
        """The result of one request, within ``timeout`` seconds (None: those of every answer)."""
        ...


class Session:
    """An open session. ``server_name``, ``server_version`` and ``protocol`` are what the server says of itself;
    ``notes`` what was odd about it, though it works."""

    def __init__(self, channel: Channel, said: Mapping[str, Any], notes: tuple[str, ...] = ()) -> None:
        info = said.get("serverInfo")
        if not isinstance(info, dict):
            meta = said.get("_meta")
            info = meta.get("io.modelcontextprotocol/serverInfo") if isinstance(meta, dict) else None
        info = info if isinstance(info, dict) else {}
        self.server_name = answers.clean(str(info.get("name") or ""), 80)
        self.server_version = answers.clean(str(info.get("version") or ""), 40)
        self.protocol = answers.clean(str(said.get("protocolVersion") or ""), 20)
        self.notes = notes
        self._channel = channel

    @property
    def wire(self) -> str:
        """``stateless``, ``initialize``, ``sse`` or ``stdio``."""
        return self._channel.wire

    async def ping(self) -> None:
        """Ask for a sign of life. The stateless wire has no ping: there `server/discover` is asked again."""
        await self._channel.ask("server/discover" if self.wire == "stateless" else "ping")

    async def tools(self) -> tuple[ToolInfo, ...]:
        """Every tool, all pages. Raises: McpError ``too-many-pages``."""
        found: list[ToolInfo] = []
        cursor: object = None
        seen: set[str] = set()
        for _ in range(PAGES):
            result = await self._channel.ask("tools/list", {"cursor": cursor} if cursor else None)
            listed = result.get("tools")
            found.extend(
                _tool(t) for t in (listed if isinstance(listed, list) else []) if isinstance(t, dict)
            )
            cursor = result.get("nextCursor")
            if not cursor:
                return tuple(found)
            if str(cursor) in seen:
                break
            seen.add(str(cursor))
        raise McpError(
            "too-many-pages",
            "The list of tools does not end.",
            f"{len(found)} tools came in {min(PAGES, len(seen) + 1)} pages, and there were still more.",
        )

    async def call(
        self, name: str, args: Mapping[str, object], *, timeout: float | None = None
    ) -> CallResult:
        """Call one tool, and wait ``timeout`` seconds (None: those of every answer). An error of the tool is a result;
        an error of the protocol raises McpError."""
        asked = {"name": name, "arguments": dict(args)}
        result = await self._channel.ask("tools/call", asked, timeout=timeout)
        if result.get("resultType") == "input_required":
            raise McpError(
                "input-required", "The tool asks for more before it answers.", f"The tool is {name}."
            )
        parts = result.get("content")
        texts = [
            str(p.get("text", f"[{p.get('type', 'something')}]"))
            for p in (parts if isinstance(parts, list) else [])
            if isinstance(p, dict)
        ]
        return CallResult("\n".join(texts), bool(result.get("isError")), result.get("structuredContent"))


def _tool(listed: Mapping[str, Any]) -> ToolInfo:
    schema = listed.get("inputSchema")
    return ToolInfo(
        answers.clean(str(listed.get("name") or "")),
        str(listed.get("description") or ""),
        schema if isinstance(schema, dict) else {},
    )
